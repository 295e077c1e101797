/// A zip archive whose bytes are in memory, read entry by entry.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "weights/file/zip_entries.h"

namespace hdecomp {

/// Every refusal is a UserError that begins with `path`. The bytes must outlive the archive.
class ZipArchive {
 public:
  ZipArchive(std::span<const uint8_t> bytes, const std::string& path);

  bool has(const std::string& name) const { return indices_.contains(name); }
  /// The entries by name.
  const std::map<std::string, uint64_t>& entries() const { return indices_; }
  /// The inflated bytes of an entry. More than `most` are refused before any is made.
  std::vector<uint8_t> read(const std::string& name, uint64_t most) const;
  [[noreturn]] void refuse(const std::string& why) const;

 private:
  std::string path_;
  std::unique_ptr<ZipEntries> archive_;
  std::map<std::string, uint64_t> indices_;
};

}  // namespace hdecomp
