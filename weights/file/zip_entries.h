/// What reads a zip archive's bytes: libzip, which brings OpenSSL, or in a build without it we do.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace hdecomp {

class ZipEntries {
 public:
  virtual ~ZipEntries() = default;
  virtual uint64_t count() const = 0;
  /// None where there is no name.
  virtual std::optional<std::string> name(uint64_t entry) const = 0;
  /// Inflated; none where it is not said.
  virtual std::optional<uint64_t> size(uint64_t entry) const = 0;
  /// Fills `to`, of size(). False where the entry is longer or shorter, or fails its checksum.
  virtual bool read(uint64_t entry, std::span<uint8_t> to) const = 0;
};

/// The bytes must outlive it. Null, with a reason, where they are no archive.
std::unique_ptr<ZipEntries> open_zip(std::span<const uint8_t> bytes, std::string& reason);

}  // namespace hdecomp
