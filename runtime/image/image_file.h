/// An image file's bytes before they are decoded, with the checks that every format shares.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "hdecomp/pixel_size.h"

namespace hdecomp {

/// A view: the bytes and the name must outlive it.
class ImageFile {
 public:
  ImageFile(std::span<const uint8_t> bytes, const std::string& name, int64_t max_pixels)
      : bytes_(bytes), name_(name), max_pixels_(max_pixels) {}

  std::span<const uint8_t> bytes() const { return bytes_; }
  size_t size() const { return bytes_.size(); }
  bool starts_with(std::string_view magic) const;

  /// The unsigned number in `count` (1 to 4) bytes at `offset`. Throws UserError ("truncated") if
  /// the file ends before.
  uint32_t big_endian(size_t offset, int count) const;
  uint32_t little_endian(size_t offset, int count) const;
  uint8_t byte(size_t offset) const { return static_cast<uint8_t>(big_endian(offset, 1)); }

  /// Throws UserError ("truncated") unless the file holds `count` bytes from `offset` on.
  void need(uint64_t offset, uint64_t count) const;
  /// Throws UserError if the header's size is zero, or more than may be decoded.
  void check(PixelSize size) const;
  /// Throws UserError: "NAME: WHAT".
  [[noreturn]] void fail(std::string_view what) const;

 private:
  std::span<const uint8_t> bytes_;
  const std::string& name_;
  int64_t max_pixels_;
};

}  // namespace hdecomp
