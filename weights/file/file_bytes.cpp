/// Mapping a file into memory.
#include "weights/file/file_bytes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

class Descriptor {
 public:
  // O_NONBLOCK: opening a named pipe must not wait for a writer.
  explicit Descriptor(const std::string& path)
      : number_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

}  // namespace

FileBytes::FileBytes(const std::string& path) {
  const Descriptor file(path);
  struct stat status {};
  if (file.number() < 0 || ::fstat(file.number(), &status) != 0) {
    throw UserError(text(path, ": cannot be read: ", std::strerror(errno)));
  }
  if (S_ISDIR(status.st_mode)) throw UserError(text(path, ": is a directory; give a file"));
  if (!S_ISREG(status.st_mode)) throw UserError(text(path, ": is not a regular file"));
  if (status.st_size == 0) throw UserError(text(path, ": the file is empty"));
  size_ = static_cast<size_t>(status.st_size);
  void* memory = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.number(), 0);
  if (memory == MAP_FAILED) {
    throw UserError(text(path, ": cannot be mapped into memory: ", std::strerror(errno)));
  }
  data_ = static_cast<const uint8_t*>(memory);
}

FileBytes::~FileBytes() { ::munmap(const_cast<uint8_t*>(data_), size_); }

}  // namespace hdecomp
