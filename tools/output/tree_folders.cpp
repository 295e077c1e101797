/// A folder for each photograph, called as it is listed, and index.html.
#include "tools/output/tree_folders.h"

#include <utility>

#include "hdecomp/photo_trees.h"
#include "tools/output/photo_places.h"
#include "tools/output/tree_folder.h"

namespace hdecomp::tools {
namespace fs = std::filesystem;

TreeFolders::TreeFolders(const std::string& output_dir, TreeFiles files,
                         const ExperimentFiles& photos, const std::optional<fs::path>& root,
                         const Model& model, PatchFiles patches)
    : output_dir_(output_dir),
      files_(std::move(files)),
      photos_(photos),
      model_(model),
      patches_(std::move(patches)),
      places_(places_of(photos, root)),
      index_(output_dir) {}

std::string TreeFolders::write(size_t photo, Tree& tree, const Image& image, int threads) const {
  const fs::path place = places_[photo];
  const std::string& shown = photos_.shown[photo];
  TreeFiles files = files_;
  files.threads = threads;
  write_tree(tree, files, (fs::path(output_dir_) / place).string(), shown, image, model_,
             {{}, patches_});
  const char* opened = files.html                         ? "report.html"
                       : files.pictures != Pictures::none ? "pyramid.png"
                                                          : "tree.json";
  const int32_t label = photos_.labels[photo];
  return index_entry({shown, (place / opened).string(), label < 0 ? "" : model_.class_name(label),
                      is_wrong(tree, label)},
                     tree, image, model_);
}

void TreeFolders::add(const std::string& entry) {
  index_.add(entry);
  ++added_;
}

void TreeFolders::skip(size_t photo, const std::string& why) {
  index_.skip(photos_.shown[photo], why);
}

bool TreeFolders::finish() {
  if (added_ > 0) index_.commit();
  return added_ > 0;
}

}  // namespace hdecomp::tools
