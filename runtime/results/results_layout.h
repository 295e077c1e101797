/// Where the parts of a results file (tools/RESULTS_FORMAT.md) lie.
#pragma once

#include <hdf5.h>
#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "hdecomp/results_file.h"

namespace hdecomp {

inline constexpr const char* results_format = "hdecomp-results";
inline constexpr int64_t results_version = 2;

/// Of a field's array: images first.
std::vector<hsize_t> extent_of(const ResultsPlan& plan, const ResultField& field);

/// Bytes from the beginning of the file; every array is contiguous, images first.
struct ResultsLayout {
  off_t state = 0;            // (images) uint8
  off_t decision = 0;         // (images) int32
  std::vector<off_t> fields;  // (images, extent...) float32, as ResultsPlan::fields
  bool other_tables = false;  // the file has other options of tables
};

/// The layout of a file, whose every extent and address is checked. Throws UserError that names the
/// file and what differs from the plan, or what is damaged.
ResultsLayout read_layout(const std::string& path, const ResultsPlan& plan);

/// A copy beside a file that read_layout() took, with the plan's options of tables; it is removed
/// again unless it replaces the file.
class ChangedCopy {
 public:
  /// Whoever makes it has locked the file. Throws UserError if it can't be written.
  ChangedCopy(const std::string& path, const ResultsPlan& plan);
  ~ChangedCopy();
  ChangedCopy(const ChangedCopy&) = delete;
  ChangedCopy& operator=(const ChangedCopy&) = delete;

  std::string name() const { return copy_.string(); }
  /// The file of this name, or that it links to, is the copy from now on.
  void replace();

 private:
  explicit ChangedCopy(const std::string& path);  // the names alone
  void write(const ResultsPlan& plan) const;

  std::string path_;
  std::filesystem::path target_, copy_;
};

}  // namespace hdecomp
