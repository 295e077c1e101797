/// The bytes of a file, mapped into memory for reading only.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace hdecomp {

/// Throws UserError, one line that names the file, if it is missing, cannot be read, is not a
/// regular file, or is empty. The file must not be cut short by others while it is mapped.
class FileBytes {
 public:
  explicit FileBytes(const std::string& path);
  ~FileBytes();
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;

  std::span<const uint8_t> bytes() const { return {data_, size_}; }

 private:
  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace hdecomp
