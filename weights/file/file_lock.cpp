/// The lock is the system's: it ends with the process, however that ends.
#include "weights/file/file_lock.h"

#include <sys/file.h>
#include <sys/stat.h>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

bool is_at(const FileDescriptor& file, const std::string& path) {
  struct stat own, there;
  return fstat(file.number(), &own) == 0 && stat(path.c_str(), &there) == 0 &&
         own.st_dev == there.st_dev && own.st_ino == there.st_ino;
}

}  // namespace

void lock_file(const FileDescriptor& file, const std::string& path, const std::string& shown) {
  if (flock(file.number(), LOCK_EX | LOCK_NB) != 0 || !is_at(file, path)) {
    throw UserError(joined(shown, ": another run writes to it"));
  }
}

}  // namespace hdecomp
