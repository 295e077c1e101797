/// A folder of results that appears whole or not at all.
#pragma once

#include <filesystem>
#include <string>

namespace hdecomp::tools {

/// Files are written to a hidden folder inside the target first; commit() renames them into place.
/// Without commit(), the destructor takes everything away again, the target too if it was made
/// here.
class OutputFolder {
 public:
  /// Throws UserError if the folder cannot be made or written to.
  explicit OutputFolder(const std::string& path);
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  /// Where to write a file called `name` for now.
  std::string staged(const std::string& name) const { return (staging_ / name).string(); }
  /// Throws UserError if the text cannot be written whole.
  void write_text(const std::string& name, const std::string& content);
  void commit();

 private:
  std::filesystem::path target_, staging_;
  bool made_target_ = false;
};

}  // namespace hdecomp::tools
