/// The log of a run that is not whole: a head that says which run it is, then a record per batch.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "weights/file/file_descriptor.h"

namespace hdecomp {

/// Open and locked against other runs. A record is whole or, after its writer was killed, left out.
class PatchLog {
 public:
  /// A new log, which appears with this head. Throws UserError if there is one, or it can't be
  /// written.
  static PatchLog create(const std::string& path, std::span<const uint8_t> head);
  /// Opens a log to go on with: hands its head to `check`, which may throw, and each whole record
  /// to `take`, in order. Throws UserError for what is no log, or is in use by another run.
  static PatchLog resume(const std::string& path,
                         const std::function<void(std::span<const uint8_t>)>& check,
                         const std::function<void(std::span<const uint8_t>)>& take);

  /// Throws UserError (a full disk).
  void append(std::span<const uint8_t> record);
  /// Takes it away: what it held is in the file.
  void remove();

 private:
  PatchLog(std::string path, FileDescriptor file)
      : path_(std::move(path)), file_(std::move(file)) {}
  [[noreturn]] void fail(const char* what) const;
  void lock() const;
  void write(std::span<const uint8_t> bytes);

  std::string path_;
  FileDescriptor file_;
};

}  // namespace hdecomp
