/// Keeps a small hostile file from claiming much memory.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "hdecomp/error.h"

namespace hdecomp {

/// Counts the bytes that a reader takes for a file's tensors against the size of the file. Eight
/// times the file leaves room for half precision, tied weights and mild compression; the constant,
/// for tiny files.
class SizeBudget {
 public:
  SizeBudget(std::string path, uint64_t file_bytes)
      : path_(std::move(path)), left_(spare + (file_bytes < most ? 8 * file_bytes : 8 * most)) {}

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
  static constexpr uint64_t spare = uint64_t{64} << 20;
  static constexpr uint64_t most = uint64_t{1} << 40;

  std::string path_;
  uint64_t left_;
};

}  // namespace hdecomp
