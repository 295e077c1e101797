/// Writing a file through a temporary file and a rename.
#include "weights/file/atomic_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "hdecomp/error.h"
#include "weights/file/file_descriptor.h"

namespace hdecomp {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& path, int error) {
  throw UserError(joined(path, ": can't be written: ", std::strerror(error)));
}

/// What is to be replaced: `path`, or the file that it links to.
fs::path resolve(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return path;
  if (fs::is_directory(status))
    throw UserError(joined(path, ": is a folder; a file name is needed"));
  // A device or pipe must not be replaced by a file.
  if (!fs::is_regular_file(status)) throw UserError(joined(path, ": is not a regular file"));
  const fs::path target = fs::canonical(path, error);
  return error ? fs::path(path) : target;
}

/// A new file that is removed again unless it gets its final name: at once by the kernel, whatever
/// ends the process, where the file system can make files without a name.
class TemporaryFile {
 public:
  TemporaryFile(const fs::path& folder, std::string shown)
      : shown_(std::move(shown)), folder_(folder) {
    file_ = FileDescriptor(open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666));
    if (file_.is_open() && access(nameless().c_str(), F_OK) == 0) return;
    // Without /proc, through which it would get its name:
    with_new_name([&](const fs::path& path) {
      file_ = FileDescriptor(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
      return file_.is_open();
    });
  }
  ~TemporaryFile() {
    if (!path_.empty()) unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write_all(std::span<const uint8_t> bytes) {
    while (!bytes.empty()) {
      const ssize_t written = write(file_.number(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) fail(shown_, written < 0 ? errno : ENOSPC);
      bytes = bytes.subspan(static_cast<size_t>(written));
    }
  }

  void become(const fs::path& target, Existing existing) {
    if (path_.empty()) with_new_name([&](const fs::path& path) { return take_name(path); });
    // close reports what a network disk could not write.
    if (!file_.close()) fail(shown_, errno);
    if (!moved_to(target, existing)) {
      if (errno == EEXIST) throw FileExists(joined(shown_, ": is there already"));
      fail(shown_, errno);
    }
    path_.clear();
  }

 private:
  std::string nameless() const { return joined("/proc/self/fd/", file_.number()); }

  bool take_name(const fs::path& path) const {
    return linkat(AT_FDCWD, nameless().c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0;
  }

  /// Calls `make` with names until one was free; it returns whether it made the file.
  template <class Make>
  void with_new_name(Make make) {
    for (int attempt = 0;; ++attempt) {
      const fs::path path = folder_ / joined(".hdecomp-", getpid(), "-", attempt, ".tmp");
      if (make(path)) {
        path_ = path;
        return;
      }
      if (errno != EEXIST || attempt >= 1000) fail(shown_, errno);
    }
  }

  /// With errno as the reason if not.
  bool moved_to(const fs::path& target, Existing existing) const {
    if (existing == Existing::replace) return rename(path_.c_str(), target.c_str()) == 0;
    if (renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) == 0) {
      return true;
    }
    if (errno != EINVAL && errno != ENOSYS) return false;
    // A file system that knows only rename: the second name never replaces a file either.
    if (link(path_.c_str(), target.c_str()) != 0) return false;
    unlink(path_.c_str());
    return true;
  }

  std::string shown_;  // the caller's name for the file, for errors
  fs::path folder_;
  fs::path path_;  // empty while it has no name
  FileDescriptor file_;
};

}  // namespace

void write_file_atomically(const std::string& path, std::span<const uint8_t> bytes) {
  write_file_atomically(path, [&](const ByteSink& sink) { sink(bytes); });
}

void write_file_atomically(const std::string& path,
                           const std::function<void(const ByteSink&)>& write, Existing existing) {
  if (path.empty()) throw UserError("the name of the file to write is empty");
  const fs::path target = resolve(path);
  std::error_code fault;
  if (existing == Existing::keep && fs::exists(target, fault)) {
    throw FileExists(joined(path, ": is there already"));
  }
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  TemporaryFile file(folder, path);
  write([&](std::span<const uint8_t> bytes) { file.write_all(bytes); });
  file.become(target, existing);
}

}  // namespace hdecomp
