/// Writing a file through a temporary file and a rename.
#include "weights/file/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& path, int error) {
  throw UserError(text(path, ": can't be written: ", std::strerror(error)));
}

/// What is to be replaced: `path`, or the file that it links to.
fs::path resolve(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return path;
  if (fs::is_directory(status)) throw UserError(text(path, ": is a folder; a file name is needed"));
  // A device or pipe must not be replaced by a file.
  if (!fs::is_regular_file(status)) throw UserError(text(path, ": is not a regular file"));
  const fs::path target = fs::canonical(path, error);
  return error ? fs::path(path) : target;
}

/// A new file that is removed again unless it gets its final name.
class TemporaryFile {
 public:
  TemporaryFile(const fs::path& folder, std::string shown) : shown_(std::move(shown)) {
    for (int attempt = 0; descriptor_ < 0; ++attempt) {
      path_ = folder / text(".hdecomp-", getpid(), "-", attempt, ".tmp");
      descriptor_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (descriptor_ < 0 && (errno != EEXIST || attempt >= 1000)) fail(shown_, errno);
    }
  }
  ~TemporaryFile() {
    if (descriptor_ >= 0) close(descriptor_);
    if (!path_.empty()) unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write_all(std::span<const uint8_t> bytes) {
    while (!bytes.empty()) {
      const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) fail(shown_, written < 0 ? errno : ENOSPC);
      bytes = bytes.subspan(static_cast<size_t>(written));
    }
  }

  void become(const fs::path& target) {
    // close reports what a network disk could not write.
    if (close(std::exchange(descriptor_, -1)) != 0) fail(shown_, errno);
    if (rename(path_.c_str(), target.c_str()) != 0) fail(shown_, errno);
    path_.clear();
  }

 private:
  std::string shown_;  // the caller's name for the file, for errors
  fs::path path_;
  int descriptor_ = -1;
};

}  // namespace

void write_file_atomically(const std::string& path, std::span<const uint8_t> bytes) {
  write_file_atomically(path, [&](const ByteSink& sink) { sink(bytes); });
}

void write_file_atomically(const std::string& path,
                           const std::function<void(const ByteSink&)>& write) {
  if (path.empty()) throw UserError("the name of the file to write is empty");
  const fs::path target = resolve(path);
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  TemporaryFile file(folder, path);
  write([&](std::span<const uint8_t> bytes) { file.write_all(bytes); });
  file.become(target);
}

}  // namespace hdecomp
