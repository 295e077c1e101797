/// An open file that closes itself.
#pragma once

#include <unistd.h>

#include <utility>

namespace hdecomp {

class FileDescriptor {
 public:
  /// None.
  FileDescriptor() = default;
  /// What open() returned: negative where it failed, with errno as it left it.
  explicit FileDescriptor(int number) : number_(number) {}
  ~FileDescriptor() {
    if (number_ >= 0) ::close(number_);
  }
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(number_, other.number_);  // the other closes what this one had
    return *this;
  }

  bool is_open() const { return number_ >= 0; }
  int number() const { return number_; }
  /// Closes it now; false, with errno, for what could not be written until now.
  bool close() { return ::close(std::exchange(number_, -1)) == 0; }

 private:
  int number_ = -1;
};

}  // namespace hdecomp
