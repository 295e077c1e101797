/// The log as the disk sees it: magic, then size, checksum and bytes of the head and each record.
#include "runtime/patches/patch_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "hdecomp/error.h"
#include "weights/file/atomic_file.h"
#include "weights/file/file_bytes.h"
#include "weights/file/file_lock.h"
#include "weights/file/fnv1a.h"

namespace hdecomp {
namespace {

constexpr char magic[] = "hdecomp-patches-log 1\n";
constexpr size_t magic_size = sizeof magic - 1;

struct RecordHead {
  uint64_t size = 0, checksum = 0;  // fnv1a(), which tells a record that was cut short
};

/// The record at the beginning of `rest`, which is cut off from it; nothing if it is not whole.
std::optional<std::span<const uint8_t>> next_record(std::span<const uint8_t>& rest) {
  RecordHead head;
  if (rest.size() < sizeof head) return std::nullopt;
  std::memcpy(&head, rest.data(), sizeof head);
  if (head.size > rest.size() - sizeof head) return std::nullopt;
  const auto bytes = rest.subspan(sizeof head, head.size);
  if (fnv1a(bytes) != head.checksum) return std::nullopt;
  rest = rest.subspan(sizeof head + head.size);
  return bytes;
}

void write_record(std::span<const uint8_t> record, const ByteSink& sink) {
  const RecordHead head{record.size(), fnv1a(record)};
  sink({reinterpret_cast<const uint8_t*>(&head), sizeof head});
  sink(record);
}

}  // namespace

void PatchLog::fail(const char* what) const {
  throw UserError(joined(path_, ": ", what, ": ", std::strerror(errno)));
}

void PatchLog::lock() const {
  if (!file_.is_open()) fail("can't be written");
  lock_file(file_, path_, path_);
}

PatchLog PatchLog::create(const std::string& path, std::span<const uint8_t> head) {
  // Whoever ends this process, there is a log with its head or none: one without could not be gone
  // on with.
  try {
    write_file_atomically(
        path,
        [&](const ByteSink& sink) {
          sink({reinterpret_cast<const uint8_t*>(magic), magic_size});
          write_record(head, sink);
        },
        Existing::keep);
  } catch (const FileExists&) {
    throw UserError(
        joined(path, ": an earlier run's; give --resume to go on with it, or remove it"));
  }
  PatchLog log(path, FileDescriptor(open(path.c_str(), O_RDWR | O_CLOEXEC)));
  log.lock();
  if (lseek(log.file_.number(), 0, SEEK_END) < 0) log.fail("can't be written");
  return log;
}

PatchLog PatchLog::resume(const std::string& path,
                          const std::function<void(std::span<const uint8_t>)>& check,
                          const std::function<void(std::span<const uint8_t>)>& take) {
  PatchLog log(path, FileDescriptor(open(path.c_str(), O_RDWR | O_CLOEXEC)));
  log.lock();
  off_t end = 0;
  {
    const FileBytes file(path);
    const std::span<const uint8_t> all = file.bytes();
    std::span<const uint8_t> rest = all;
    const bool is_log = all.size() >= magic_size && std::memcmp(all.data(), magic, magic_size) == 0;
    if (is_log) rest = rest.subspan(magic_size);
    const auto head = is_log ? next_record(rest) : std::nullopt;
    if (!head) throw UserError(joined(path, ": is no log of a run of patches; remove it"));
    check(*head);
    while (const auto record = next_record(rest)) take(*record);
    end = static_cast<off_t>(all.size() - rest.size());
  }
  if (ftruncate(log.file_.number(), end) != 0) log.fail("can't be cut");
  if (lseek(log.file_.number(), end, SEEK_SET) != end) log.fail("can't be written");
  return log;
}

void PatchLog::write(std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_.number(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail("can't be written");
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
}

void PatchLog::append(std::span<const uint8_t> record) {
  write_record(record, [&](std::span<const uint8_t> bytes) { write(bytes); });
}

void PatchLog::remove() {
  if (unlink(path_.c_str()) != 0 && errno != ENOENT) fail("can't be removed");
}

}  // namespace hdecomp
