/// explain for many images: decoded ahead, explained in batches, printed as they are ready.
#include "tools/explain_many.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "hdecomp/photo_batches.h"
#include "hdecomp/stopwatch.h"
#include "tools/complaint.h"
#include "tools/image_list.h"
#include "tools/json_text.h"
#include "tools/patch_files.h"
#include "tools/pictures.h"
#include "tools/progress.h"
#include "tools/session.h"
#include "tools/skipped_images.h"
#include "tools/tree_files.h"
#include "tools/turned_photos.h"

namespace hdecomp::tools {
namespace {
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// Each image's place below the output folder: its path as listed, with its extension, so that
/// a.jpg and a.png stay apart. An absolute path of a list counts from its root, or from / where it
/// is not inside it. Throws UserError where two images would share a place or one would leave the
/// folder.
std::vector<std::string> places_below(const std::string& folder, const ImageSource& source,
                                      const std::vector<ListedImage>& images) {
  const fs::path root = (fs::current_path() / root_of(source) / "").lexically_normal();
  std::map<std::string, std::string> owners;
  std::vector<std::string> places;
  for (const ListedImage& image : images) {
    fs::path inside = fs::path(image.shown).lexically_normal();
    if (inside.is_absolute()) {
      const fs::path near = inside.lexically_relative(root);
      inside = near.empty() || *near.begin() == ".." ? inside.relative_path() : near;
    }
    if (inside.empty() || *inside.begin() == "..") {
      throw UserError(joined("--output-dir: ", image.shown,
                             " leads out of the list's folder; give "
                             "--root DIR and paths that stay inside it"));
    }
    const std::string real = fs::absolute(image.path).lexically_normal().string();
    const auto [owner, is_new] = owners.emplace(inside.string(), real);
    if (!is_new && owner->second != real) {
      throw UserError(joined("--output-dir: ", owner->second, " and ", real,
                             " would share the folder ", inside.string()));
    }
    places.push_back((fs::path(folder) / inside).string());
  }
  return places;
}

/// "PATH  class  probability  conv5_3:70 conv5_3:84 conv5_3:92"; of a feature its value in place of
/// a probability.
std::string summary_line(const ListedImage& image, const Tree& tree) {
  char value[32];
  std::snprintf(value, sizeof value, tree.of_class() ? "%.2f %%" : "F %.4g",
                tree.of_class() ? 100.0 * tree.decision.probability : tree.root.value);
  std::string line = joined(image.shown, "  ", tree.decision.name, "  ", value, " ");
  for (const TreeNode& child : tree.root.children()) {
    line += joined(" ", child.layer, ":", child.channel);
  }
  return one_line(line);
}

/// Prints results as they come, so that no tree is kept; with --json as parts of one object. Counts
/// the images on stderr in between.
class Report {
 public:
  Report(bool json, Pictures pictures, size_t images)
      : json_(json), pictures_(pictures), progress_("images", static_cast<int64_t>(images)) {}

  void add(const ListedImage& image, const Tree& tree) {
    for (const auto& [what, ms] : tree.timings_ms) timings_ms_[what] += ms;
    if (json_) {
      const char* before = explained_ == 0 ? "{\"images\": [" : ",";
      print(joined(before, "\n{\"image\": ", json_text(image.shown), ", \"tree\": "));
      write_json(tree, to_stdout, with_pictures(pictures_));
      print("}");
    } else {
      print(summary_line(image, tree) + "\n");
    }
    ++explained_;
    progress_.step();
  }

  void skip(const ListedImage& image, const std::string& why) {
    progress_.clear();
    skipped_.add(image, why);
    progress_.step();
  }

  /// Throws UserError if any image was skipped.
  void finish(double load_ms, double total_ms) {
    timings_ms_["load"] = load_ms;
    timings_ms_["total"] = total_ms;
    if (json_) {
      print(joined(explained_ == 0 ? "{\"images\": [" : "",
                   "\n], \"skipped\": ", json_text(skipped_.to_json()),
                   ", \"timings_ms\": ", json_text(timings_ms_), "}\n"));
    }
    skipped_.finish(explained_);
  }

 private:
  /// A full disk is told of at once, not after the last image.
  void print(const std::string& part) {
    progress_.clear();
    std::fputs(part.c_str(), stdout);
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
      throw UserError("the output cannot be written; is the disk full?");
    }
  }

  bool json_;
  Pictures pictures_;
  size_t explained_ = 0;
  SkippedImages skipped_;
  Timings timings_ms_;
  Progress progress_;
};

}  // namespace

void explain_many(const ExplainCommandOptions& options) {
  const Stopwatch watch;
  const bool write = !options.output_dir.empty();
  // Pictures that an earlier run left in the output folder are no photographs.
  std::vector<ListedImage> images = list_images(options.images, options.output_dir);
  keep_some(options.images, 0, images);
  const std::vector<std::string> places =
      write ? places_below(options.output_dir, options.images, images) : std::vector<std::string>();
  Session session =
      start(options.common, batch_for(options.common, options.batch, images.size()), images.size());
  Explainer& explainer = session.explainer;
  count_or_all("--show", options.show, std::numeric_limits<int>::max());
  const ExplainOptions question = explain_options(options, explainer.model());
  const PatchFiles patches = read_patch_files(options.patches, options.common, explainer.model());
  explainer.check(question);  // what is wrong for every image must not count as a fault of each
  Report report(options.common.json, pictures_of(options), images.size());
  PhotoBatches batches(paths_of(images), static_cast<size_t>(explainer.batch()),
                       decoders_for(options.common), turning(options.common));
  TurnedPhotos turned;
  const auto tell = [&](const PhotoBatch& batch) {
    std::vector<Explained> explained = explainer.finish_batch();
    for (size_t i = 0; i < explained.size(); ++i) {
      const size_t index = batch.indexes[i];
      if (!explained[i].tree) {
        report.skip(images[index], explained[i].error);
        continue;
      }
      Tree& tree = *explained[i].tree;
      tree.timings_ms["decode"] = batch.decode_ms[i];
      if (write) {
        write_tree(tree, options, places[index], images[index].shown, batch.photos[i],
                   explainer.model(), false, {{}, patches});
      }
      report.add(images[index], tree);
    }
  };
  PhotoBatch begun;  // a GPU works on it while the next is read, and on that while this is told of
  while (std::optional<PhotoBatch> batch = batches.next()) {
    for (const auto& [index, why] : batch->unreadable) report.skip(images[index], why);
    turned.see(*batch, images);
    if (batch->photos.empty()) break;
    explainer.begin_batch(batch->photos, question);
    if (!begun.photos.empty()) tell(begun);
    begun = std::move(*batch);
  }
  if (!begun.photos.empty()) tell(begun);
  report.finish(session.load_ms, watch.ms());
}

}  // namespace hdecomp::tools
