/// A hidden folder inside another, for files that are not to be seen before they are complete.
#pragma once

#include <filesystem>

namespace hdecomp::tools {

/// New, and taken away at the end, by whoever watches folders if the program is interrupted. A file
/// inside is locked as long as the owner lives, so that what a killed run left is known and taken
/// away, whatever machine or container it ran in: process numbers tell nothing there.
class StagingFolder {
 public:
  /// Inside `parent`, where it first takes away what dead runs left. Throws
  /// std::filesystem::filesystem_error if it cannot be made.
  explicit StagingFolder(const std::filesystem::path& parent);
  ~StagingFolder();
  StagingFolder(const StagingFolder&) = delete;
  StagingFolder& operator=(const StagingFolder&) = delete;

  /// Where the files go.
  std::filesystem::path files() const { return path_ / "files"; }

 private:
  void take_away();

  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace hdecomp::tools
