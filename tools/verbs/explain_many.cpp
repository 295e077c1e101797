/// explain for many images: decoded ahead, explained in batches, printed as they are ready.
#include "tools/verbs/explain_many.h"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <limits>
#include <optional>

#include "hdecomp/photo_batches.h"
#include "hdecomp/stopwatch.h"
#include "tools/images/image_labels.h"
#include "tools/images/image_list.h"
#include "tools/images/image_places.h"
#include "tools/images/turned_photos.h"
#include "tools/output/index_page.h"
#include "tools/output/pictures.h"
#include "tools/output/side_by_side.h"
#include "tools/runs/patch_files.h"
#include "tools/runs/session.h"
#include "tools/trees/tree_files.h"
#include "tools/verbs/explain_report.h"

namespace hdecomp::tools {
namespace {
namespace fs = std::filesystem;

/// What is told of an image, made of its tree while others are made of theirs.
struct Made {
  std::string text;         // on stdout
  std::string index_entry;  // where there is an index
  std::exception_ptr fault;
};

/// What is written of the images: a folder each, and the index.
class Output {
 public:
  Output(const ExplainCommandOptions& options, const std::vector<ListedImage>& images,
         const Model& model, const PatchFiles& patches)
      : options_(options),
        files_(tree_files(options)),
        images_(images),
        model_(model),
        patches_(patches) {
    if (options.output_dir.empty()) return;
    places_ = places_of(options.images, images);
    index_.emplace(options.output_dir);
  }

  /// The image's folder, drawn on `threads` threads; returns its entry of the index. Several
  /// threads may write images at once.
  std::string write(size_t image, Tree& tree, const Image& photo, int threads) const {
    if (!index_) return "";
    const ListedImage& listed = images_[image];
    const fs::path place = places_[image];
    TreeFiles files = files_;
    files.threads = threads;
    write_tree(tree, files, (fs::path(options_.output_dir) / place).string(), listed.shown, photo,
               model_, {{}, patches_});
    const char* opened = options_.html                 ? "report.html"
                         : options_.pictures != "none" ? "pyramid.png"
                                                       : "tree.json";
    const std::string label = listed.label < 0 ? "" : model_.class_name(listed.label);
    return index_entry({listed.shown, (place / opened).string(), label, is_wrong(listed, tree)},
                       tree, photo, model_);
  }
  void add(const std::string& entry) {
    if (!index_) return;
    index_->add(entry);
    ++added_;
  }
  void skip(size_t image, const std::string& why) {
    if (index_) index_->skip(images_[image].shown, why);
  }
  void finish() {
    if (added_ > 0) index_->commit();
  }

 private:
  const ExplainCommandOptions& options_;
  const TreeFiles files_;
  const std::vector<ListedImage>& images_;
  const Model& model_;
  const PatchFiles& patches_;
  std::vector<std::string> places_;
  std::optional<IndexPage> index_;
  size_t added_ = 0;
};

/// Of each image that has a tree what is told of it: of as many images as threads side by side,
/// drawn by one thread each, so that none waits for the last picture of an image.
std::vector<Made> make_all(std::vector<Explained>& explained, const PhotoBatch& batch,
                           const std::vector<ListedImage>& images, int threads,
                           const Output& output, const ExplainReport& report) {
  std::vector<Made> made(explained.size());
  const bool are_many = std::ssize(explained) >= threads;
  const int of_each = are_many ? 1 : threads;
  side_by_side(explained.size(), are_many ? threads : 1, [&](size_t i) {
    if (!explained[i].tree) return;
    try {
      Tree& tree = *explained[i].tree;
      tree.timings_ms["decode"] = batch.decode_ms[i];
      made[i].index_entry = output.write(batch.indexes[i], tree, batch.photos[i], of_each);
      made[i].text = report.text_of(images[batch.indexes[i]], tree);
    } catch (...) {
      made[i].fault = std::current_exception();
    }
  });
  return made;
}

/// Batch by batch: what becomes of each image goes to both.
void explain_all(Explainer& explainer, const std::vector<ListedImage>& images,
                 const ExplainOptions& question, const CommonOptions& common, Output& output,
                 ExplainReport& report) {
  const auto skip = [&](size_t image, const std::string& why) {
    output.skip(image, why);
    report.skip(images[image], why);
  };
  PhotoBatches batches(paths_of(images), static_cast<size_t>(explainer.batch()),
                       decoders_for(common), turning(common));
  TurnedPhotos turned;
  const auto tell = [&](const PhotoBatch& batch) {
    std::vector<Explained> explained = explainer.finish_batch();
    const std::vector<Made> made =
        make_all(explained, batch, images, threads_of(common), output, report);
    for (size_t i = 0; i < explained.size(); ++i) {
      if (!explained[i].tree) {
        skip(batch.indexes[i], explained[i].error);
        continue;
      }
      if (made[i].fault) std::rethrow_exception(made[i].fault);
      output.add(made[i].index_entry);
      report.add(*explained[i].tree, made[i].text);
    }
  };
  PhotoBatch begun;  // a GPU works on it while the next is read, and on that while this is told of
  while (std::optional<PhotoBatch> batch = batches.next()) {
    for (const auto& [index, why] : batch->unreadable) skip(index, why);
    turned.see(*batch, images);
    if (batch->photos.empty()) break;
    explainer.begin_batch(batch->photos, question);
    if (!begun.photos.empty()) tell(begun);
    begun = std::move(*batch);
  }
  if (!begun.photos.empty()) tell(begun);
}

}  // namespace

void explain_many(const ExplainCommandOptions& options) {
  const Stopwatch watch;
  // Pictures that an earlier run left in the output folder are no photographs.
  std::vector<ListedImage> images = list_images(options.images, options.output_dir);
  Session session =
      start(options.common, batch_for(options.common, options.batch, images.size()), images.size());
  Explainer& explainer = session.explainer;
  if (!options.labels.empty()) {
    add_labels(options.labels, explainer.model(), images);
  } else if (options.common.versus.other.empty()) {  // whose network has no classes of the list
    add_labels_if_known(explainer.model(), images);
  }
  keep_some(options.images, 0, images);
  count_or_all("--show", options.show, std::numeric_limits<int>::max());
  const ExplainOptions question = explain_options(options, explainer.model());
  const PatchFiles patches = read_patch_files(options.patches, options.common, explainer.model());
  explainer.check(question);  // what is wrong for every image must not count as a fault of each
  Output output(options, images, explainer.model(), patches);
  ExplainReport report(options.common.json, pictures_of(options), images.size());
  explain_all(explainer, images, question, options.common, output, report);
  output.finish();
  report.finish(session.load_ms, watch.ms());
}

}  // namespace hdecomp::tools
