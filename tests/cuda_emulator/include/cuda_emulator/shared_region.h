/// A piece of checked shared memory: for each of its cells who wrote and read it last, so that
/// reads of stale or never written memory and unordered accesses are found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <source_location>
#include <vector>

namespace emulator {

enum class Access { read, write, atomic };

/// When a thread touched a cell. Times count the barriers of the OS thread's emulator.
struct Stamp {
  uint64_t time = 0;  // 0: never
  uint32_t thread = 0;
  bool atomic = false;
};

struct Cell {
  Stamp write;
  Stamp read;   // the latest
  Stamp other;  // an earlier read by another thread, of another warp if there was one
};

/// One OS thread's. Blocks follow each other in the same region: what an earlier block left counts
/// as never written.
class SharedRegion {
 public:
  /// `bytes`: how much shared memory a block that uses the region takes for it; 0 if that is
  /// counted elsewhere.
  SharedRegion(size_t cells, size_t bytes) : cells_(cells), bytes_(bytes) {}

  /// Checks one thread's access to cells [first, first + count) and notes it. Reports a fault, and
  /// then does not return, if the access is not ordered with another thread's or reads what the
  /// block has not written.
  void check(Access access, size_t first, size_t count, std::source_location place);
  /// Makes room for at least this many cells.
  void grow(size_t cells);

 private:
  std::vector<Cell> cells_;
  size_t bytes_;
  uint64_t seen_ = 0;  // the latest block that used the region, by its first time
};

/// `index` as an unsigned number. Reports a fault, and then does not return, if it is not below
/// `size`.
size_t checked_index(long long index, size_t size, std::source_location place);
/// Reports a fault, and then does not return, if `index` is not a multiple of 4 as a 16-byte access
/// needs.
void check_alignment(size_t index, std::source_location place);

/// The running block's dynamic shared memory from some byte on, and its cells in `region`.
struct DynamicShared {
  std::byte* memory;
  size_t bytes;
  SharedRegion* region;
  size_t first_cell;
  size_t cell_bytes;
};
/// Cells are of 4 bytes, or of 1 for elements aligned to less: the order of two accesses is checked
/// only where both see cells of one size. Reports a fault if `offset` is not a multiple of
/// `alignment` or beyond the end.
DynamicShared dynamic_shared_memory(size_t alignment, size_t offset, std::source_location place);

}  // namespace emulator
