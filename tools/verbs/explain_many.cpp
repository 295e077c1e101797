/// explain for many images: printed as they are ready, written into the output folder.
#include "tools/verbs/explain_many.h"

#include <limits>
#include <optional>

#include "hdecomp/stopwatch.h"
#include "tools/images/image_labels.h"
#include "tools/images/image_list.h"
#include "tools/images/turned_photos.h"
#include "tools/output/photo_run.h"
#include "tools/output/tree_folders.h"
#include "tools/runs/patch_files.h"
#include "tools/runs/session.h"
#include "tools/trees/tree_files.h"
#include "tools/verbs/explain_report.h"

namespace hdecomp::tools {
namespace {
namespace fs = std::filesystem;

ExperimentFiles files_of(const std::vector<ListedImage>& images) {
  ExperimentFiles files;
  for (const ListedImage& image : images) {
    files.paths.push_back(image.path);
    files.shown.push_back(image.shown);
    files.labels.push_back(static_cast<int32_t>(image.label));
  }
  return files;
}

/// Where places inside the output folder begin: none where the command line names the images.
std::optional<fs::path> root_of_places(const ImageSource& source) {
  if (source.images.size() > 1) return {};
  return root_of(source);
}

/// What becomes of each image goes to both.
void explain_all(Explainer& explainer, const std::vector<ListedImage>& images,
                 const ExplainOptions& question, const CommonOptions& common,
                 std::optional<TreeFolders>& folders, ExplainReport& report) {
  struct Made {
    std::string text;         // on stdout
    std::string index_entry;  // where there is an index
  };
  std::vector<Made> made(images.size());
  TurnedPhotos turned;
  PhotoRun run{decoders_for(common), turning(common), threads_of(common)};
  run.write = [&](size_t i, Tree& tree, const Image& photo, int threads) {
    if (folders) made[i].index_entry = folders->write(i, tree, photo, threads);
    made[i].text = report.text_of(images[i], tree);
  };
  run.tell = [&](size_t i, Tree& tree, const Image&) {
    const Made one = std::move(made[i]);
    if (folders) folders->add(one.index_entry);
    report.add(tree, one.text);
  };
  run.skip = [&](size_t i, const std::string& why, bool) {
    if (folders) folders->skip(i, why);
    report.skip(images[i], why);
  };
  run.see = [&](const PhotoBatch& batch) { turned.see(batch, images); };
  explain_in_batches(explainer, paths_of(images), question, run);
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
  const ExperimentFiles files = files_of(images);
  std::optional<TreeFolders> folders;
  if (!options.output_dir.empty()) {
    folders.emplace(options.output_dir, tree_files(options), files, root_of_places(options.images),
                    explainer.model(), patches);
  }
  ExplainReport report(options.common.json, pictures_of(options), images.size());
  explain_all(explainer, images, question, options.common, folders, report);
  if (folders && folders->finish() && !options.common.json)
    report.print_written(options.output_dir);
  report.finish(session.load_ms, watch.ms());
}

}  // namespace hdecomp::tools
