/// Mapping a file into memory.
#include "weights/file/file_bytes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "hdecomp/error.h"
#include "weights/file/file_descriptor.h"

namespace hdecomp {
FileBytes::FileBytes(const std::string& path) {
  // O_NONBLOCK: opening a named pipe must not wait for a writer.
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (!file.is_open() || ::fstat(file.number(), &status) != 0) {
    throw UserError(joined(path, ": cannot be read: ", std::strerror(errno)));
  }
  if (S_ISDIR(status.st_mode)) throw UserError(joined(path, ": is a directory; give a file"));
  if (!S_ISREG(status.st_mode)) throw UserError(joined(path, ": is not a regular file"));
  if (status.st_size == 0) throw UserError(joined(path, ": the file is empty"));
  size_ = static_cast<size_t>(status.st_size);
  void* memory = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.number(), 0);
  if (memory == MAP_FAILED) {
    throw UserError(joined(path, ": cannot be mapped into memory: ", std::strerror(errno)));
  }
  data_ = static_cast<const uint8_t*>(memory);
}

FileBytes::~FileBytes() { ::munmap(const_cast<uint8_t*>(data_), size_); }

}  // namespace hdecomp
