/// Keeps a small hostile file from claiming much memory.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "hdecomp/error.h"

namespace hdecomp {

/// Bytes that a file can honestly be asking for. Eight times its own leave room for half precision,
/// tied weights and mild compression; the constant, for tiny files.
constexpr uint64_t most_from_file(uint64_t file_bytes) {
  constexpr uint64_t spare = uint64_t{64} << 20, most = uint64_t{1} << 40;
  return spare + 8 * (file_bytes < most ? file_bytes : most);
}

/// Counts the bytes that a reader takes for a file's tensors against most_from_file().
class SizeBudget {
 public:
  SizeBudget(std::string path, uint64_t file_bytes)
      : path_(std::move(path)), left_(most_from_file(file_bytes)) {}

  /// Counts another file that belongs to this one.
  void add_file(uint64_t file_bytes) { left_ += most_from_file(file_bytes) - most_from_file(0); }

  /// Throws UserError that names `what` if `bytes` are more than this file can be asking for
  /// honestly.
  void take(uint64_t bytes, const std::string& what) {
    if (bytes > left_) {
      throw UserError(joined(path_, ": ", what, " claims ", bytes,
                             " bytes, far more than a file of this size holds: it is damaged"));
    }
    left_ -= bytes;
  }

 private:
  std::string path_;
  uint64_t left_;
};

}  // namespace hdecomp
