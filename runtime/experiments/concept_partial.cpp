/// FILE.partial as the disk sees it: magic, a checksum, and what it is of.
#include "runtime/experiments/concept_partial.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "hdecomp/error.h"
#include "runtime/results/packed_bytes.h"
#include "weights/file/atomic_file.h"
#include "weights/file/file_bytes.h"
#include "weights/file/file_lock.h"
#include "weights/file/fnv1a.h"

namespace hdecomp {
namespace {

constexpr char magic[] = "hdecomp-concepts-partial 1\n";
constexpr size_t magic_size = sizeof magic - 1;

/// What the checksum is of.
std::span<const uint8_t> checked_part(const FileBytes& file, const std::string& path) {
  std::span<const uint8_t> rest = file.bytes();
  uint64_t checksum = 0;
  const bool is_ours = rest.size() >= magic_size + sizeof checksum &&
                       std::memcmp(rest.data(), magic, magic_size) == 0;
  if (is_ours) {
    std::memcpy(&checksum, rest.data() + magic_size, sizeof checksum);
    rest = rest.subspan(magic_size + sizeof checksum);
  }
  if (!is_ours || fnv1a(rest) != checksum) {
    throw UserError(joined(path, ": is nothing that a run of concepts left; remove it"));
  }
  return rest;
}

}  // namespace

bool ConceptPartial::is_there() const {
  std::error_code fault;
  return std::filesystem::exists(path_, fault);
}

void ConceptPartial::keep(const ConceptsKnown& known) {
  PackedBytes out;
  out.put_list(packed_parts(plan_));
  out.put(known.time);
  out.put_list(known.states);
  out.put_list(known.thresholds);
  out.put_list(known.counts);
  const std::vector<uint8_t> content = out.take_bytes();
  const uint64_t checksum = fnv1a(content);
  const auto write = [&](const ByteSink& sink) {
    sink({reinterpret_cast<const uint8_t*>(magic), magic_size});
    sink({reinterpret_cast<const uint8_t*>(&checksum), sizeof checksum});
    sink(content);
  };
  try {
    write_file_atomically(path_, write, locked_.is_open() ? Existing::replace : Existing::keep);
  } catch (const FileExists&) {
    throw UserError(joined(path_, ": another run writes to it"));
  }
  lock();  // it is another file now
}

ConceptsKnown ConceptPartial::take_up(size_t images) {
  lock();
  const FileBytes file(path_);
  PackedReader in(checked_part(file, path_));
  ConceptsKnown known;
  reading_packed(path_, [&] {
    std::vector<uint8_t> parts;
    in.take_list(parts);
    require_same(path_, unpacked_parts(parts), plan_);
    in.take(known.time);
    in.take_list(known.states);
    in.take_list(known.thresholds);
    in.take_list(known.counts);
  });
  const auto is_none = [](ImageState state) { return state > ImageState::undecided; };
  if (known.time >= ConceptTime::over || std::ranges::any_of(known.states, is_none)) {
    throw UserError(joined(path_, ": holds an unknown state; remove it"));
  }
  if (!in.at_end() || known.states.size() != images ||
      (known.time == ConceptTime::first) != known.thresholds.empty()) {
    throw UserError(joined(path_, ": is not as this run would leave it; remove it"));
  }
  return known;
}

void ConceptPartial::remove() const {
  std::error_code fault;
  std::filesystem::remove(path_, fault);
}

void ConceptPartial::lock() {
  FileDescriptor file(open(path_.c_str(), O_RDWR | O_CLOEXEC));
  if (!file.is_open()) {
    throw UserError(joined(path_, ": can't be written: ", std::strerror(errno)));
  }
  lock_file(file, path_, path_);
  locked_ = std::move(file);
}

}  // namespace hdecomp
