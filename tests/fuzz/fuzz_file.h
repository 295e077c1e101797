/// What the fuzz targets share: bytes as a file, and UserError as the one way to refuse them.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include "hdecomp/error.h"

namespace hdecomp::fuzz {

/// A file in memory with these bytes, until the next call.
inline std::string file_of(std::span<const uint8_t> bytes) {
  static const int file = memfd_create("fuzz", 0);
  if (file < 0 || ftruncate(file, 0) != 0 ||
      pwrite(file, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    std::abort();
  }
  return "/proc/self/fd/" + std::to_string(file);
}

/// Any exception but UserError, whose line must be one, ends the run as a finding.
template <class Read>
int read_or_refuse(const Read& read) {
  try {
    read();
  } catch (const UserError& refusal) {
    if (std::string(refusal.what()).find('\n') != std::string::npos) std::abort();
  }
  return 0;
}

}  // namespace hdecomp::fuzz
