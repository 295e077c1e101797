/// Staging folders: DIR/.hdecomp-PID-N/ with `lock` and `files/`.
#include "tools/output/staging_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "hdecomp/error.h"
#include "tools/output/folder_watch.h"

namespace hdecomp::tools {
namespace fs = std::filesystem;
namespace {

constexpr const char* prefix = ".hdecomp-";

fs::path lock_of(const fs::path& folder) { return folder / "lock"; }

/// Whether the descriptor is still the file of that name.
bool is_the_file(int descriptor, const fs::path& path) {
  struct stat open_one, named;
  return fstat(descriptor, &open_one) == 0 && stat(path.c_str(), &named) == 0 &&
         open_one.st_dev == named.st_dev && open_one.st_ino == named.st_ino;
}

/// Takes a folder away if its owner is dead: if nobody holds its lock.
void take_away_if_dead(const fs::path& folder) {
  const int lock = open(lock_of(folder).c_str(), O_RDWR | O_CLOEXEC);
  if (lock < 0) {
    // Its owner died, or is about to make the lock and will try again: only if it is empty.
    if (errno == ENOENT) rmdir(folder.c_str());
    return;
  }
  std::error_code ignored;
  if (flock(lock, LOCK_EX | LOCK_NB) == 0) fs::remove_all(folder, ignored);
  close(lock);
}

void take_away_dead(const fs::path& parent) {
  std::error_code fault;
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(parent, fault)) {
    if (entry.path().filename().string().starts_with(prefix)) found.push_back(entry.path());
  }
  for (const fs::path& path : found) {
    if (fs::is_directory(fs::symlink_status(path, fault))) take_away_if_dead(path);
  }
}

[[noreturn]] void fail(const fs::path& path, int error) {
  throw fs::filesystem_error("staging", path, std::error_code(error, std::generic_category()));
}

/// The lock's descriptor, or -1 if another run took the folder for a dead one's.
int make_lock(const fs::path& folder) {
  const fs::path path = lock_of(folder);
  const int lock = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock < 0) {
    if (errno == ENOENT) return -1;
    fail(path, errno);
  }
  // Where the file system has no locks nobody takes it for a dead one's either.
  const bool taken = flock(lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  if (!taken && is_the_file(lock, path)) return lock;
  close(lock);
  return -1;
}

}  // namespace

StagingFolder::StagingFolder(const fs::path& parent) {
  take_away_dead(parent);
  for (int attempt = 0; lock_ < 0; ++attempt) {
    path_ = parent / joined(prefix, getpid(), "-", attempt);
    if (mkdir(path_.c_str(), 0777) == 0) {
      lock_ = make_lock(path_);
    } else if (errno != EEXIST || attempt >= 1000) {
      fail(path_, errno);
    }
  }
  folder_watch().made(path_, Contents::all);
  if (mkdir(files().c_str(), 0777) == 0) return;
  const int reason = errno;
  take_away();
  fail(files(), reason);
}

StagingFolder::~StagingFolder() { take_away(); }

void StagingFolder::take_away() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  folder_watch().settled(path_);
  close(lock_);
}

}  // namespace hdecomp::tools
