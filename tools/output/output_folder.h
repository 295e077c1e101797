/// A folder of results that appears whole or not at all.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hdecomp/json_writer.h"
#include "tools/output/staging_folder.h"

namespace hdecomp::tools {

/// Files are written to a hidden folder inside the target first; commit() renames them into place,
/// over files of the same name; whatever else is there stays. Without commit(), the destructor
/// takes everything away again, the folders that were made on the way to the target too.
class OutputFolder {
 public:
  /// Throws UserError if the folder cannot be made or written to.
  explicit OutputFolder(const std::string& path);
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  /// Where to write a file called `name` for now, which may lie in a folder that was made inside.
  std::string staged(const std::filesystem::path& name) const {
    return (staging_->files() / name).string();
  }
  /// Makes a folder inside. Throws UserError if that fails.
  void make_folder(const std::filesystem::path& name) const;
  /// A text file of the pieces that `put` hands to its sink, and a last line's end. Throws
  /// UserError if it cannot be written whole.
  void write_text(const std::filesystem::path& name,
                  const std::function<void(const TextSink&)>& put) const;
  /// Throws UserError if a folder has the name of a file or the other way round; nothing is moved
  /// then.
  void commit();
  /// The same for a folder that holds one run's results: what an earlier run wrote there and this
  /// one did not is taken away.
  void commit_in_place_of_earlier();

 private:
  void take_away();

  std::filesystem::path target_;
  std::optional<StagingFolder> staging_;
  std::vector<std::filesystem::path> made_;  // deepest first; emptied by commit()
};

/// Throws UserError unless the name, which --output gave, ends with .h5 and a file can be written
/// there (require_output()): to be called before hours of work.
void check_output(const std::string& output, std::span<const std::string> inputs = {});

/// Writes a text file beside `output`, with another extension; `content` ends with a line's end.
void write_beside(const std::string& output, const char* extension, std::string content);

}  // namespace hdecomp::tools
