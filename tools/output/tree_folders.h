/// The output folder of many photographs: a folder of each one's tree, and the index of all.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "hdecomp/experiment_files.h"
#include "hdecomp/tree_files.h"
#include "tools/output/index_page.h"

namespace hdecomp::tools {

class TreeFolders {
 public:
  /// `photos` and `model` must outlive it; `root` as of places_of(). Throws what places_of() and
  /// IndexPage throw.
  TreeFolders(const std::string& output_dir, TreeFiles files, const ExperimentFiles& photos,
              const std::optional<std::filesystem::path>& root, const Model& model,
              PatchFiles patches);

  /// Writes the folder of one, drawn on `threads` threads; returns its entry of the index. Several
  /// threads may write photographs at once. Throws UserError.
  std::string write(size_t photo, Tree& tree, const Image& image, int threads) const;
  /// One that was written, in the index.
  void add(const std::string& entry);
  void skip(size_t photo, const std::string& why);
  /// Writes the index; without this, and of no tree at all, there is none. Returns whether it did.
  bool finish();

 private:
  std::string output_dir_;
  TreeFiles files_;
  const ExperimentFiles& photos_;
  const Model& model_;
  PatchFiles patches_;
  std::vector<std::string> places_;
  IndexPage index_;
  size_t added_ = 0;
};

}  // namespace hdecomp::tools
