/// Plain values and lists of them as bytes, from rank to rank of one run or to a file of it: of
/// this machine's byte order.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "hdecomp/error.h"

namespace hdecomp {

class PackedBytes {
 public:
  template <class T>
  void put(const T& value) {
    put_all(&value, 1);
  }
  /// A vector or a string of plain values.
  template <class List>
  void put_list(const List& list) {
    put(uint64_t{list.size()});
    put_all(list.data(), list.size());
  }
  std::vector<uint8_t> take_bytes() { return std::move(bytes_); }

 private:
  template <class T>
  void put_all(const T* data, size_t count) {
    if (count == 0) return;  // memcpy takes no null pointer
    const size_t at = bytes_.size();
    bytes_.resize(at + count * sizeof(T));  // insert() would be as good, but g++ 12 warns of it
    std::memcpy(bytes_.data() + at, data, count * sizeof(T));
  }

  std::vector<uint8_t> bytes_;
};

/// Reads them in the same order; throws Error where they end too soon. The bytes must outlive it.
class PackedReader {
 public:
  explicit PackedReader(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  bool at_end() const { return bytes_.empty(); }
  template <class T>
  void take(T& value) {
    take_all(&value, 1);
  }
  template <class List>
  void take_list(List& list) {
    uint64_t size = 0;
    take(size);
    if (size > bytes_.size()) fail();
    list.resize(size);
    take_all(list.data(), list.size());
  }

 private:
  [[noreturn]] static void fail() { throw Error("packed values came cut short"); }

  template <class T>
  void take_all(T* data, size_t count) {
    if (count > bytes_.size() / sizeof(T)) fail();
    if (count > 0) std::memcpy(data, bytes_.data(), count * sizeof(T));
    bytes_ = bytes_.subspan(count * sizeof(T));
  }

  std::span<const uint8_t> bytes_;
};

/// Does `work`, which reads packed values of a file that a run left; what is wrong with them is the
/// file's fault, not hdecomp's.
template <class Work>
auto reading_packed(const std::string& path, const Work& work) {
  try {
    return work();
  } catch (const UserError&) {
    throw;
  } catch (const Error& fault) {
    throw UserError(joined(path, ": ", fault.what(), ": it is damaged; remove it"));
  }
}

}  // namespace hdecomp
