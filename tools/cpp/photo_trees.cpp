/// Trees of many photographs for programs: results in their order, and the output folder.
#include "hdecomp/photo_trees.h"

#include <filesystem>
#include <utility>

#include "hdecomp/error.h"
#include "hdecomp/stopped.h"
#include "tools/cpp/argument_errors.h"
#include "tools/output/photo_run.h"
#include "tools/output/tree_folder.h"
#include "tools/output/tree_folders.h"

namespace hdecomp {
namespace {

/// Throws UserError for lists of different lengths, and labels that are no classes.
void check_photos(ExperimentFiles& photos, const Model& model) {
  if (photos.paths.empty()) throw UserError("no images");
  if (photos.shown.empty()) photos.shown = photos.paths;
  if (photos.labels.empty()) photos.labels.assign(photos.paths.size(), -1);
  for (const size_t count : {photos.shown.size(), photos.labels.size()}) {
    if (count == photos.paths.size()) continue;
    throw UserError(joined(count, " names or labels for ", photos.paths.size(), " images"));
  }
  for (const int32_t label : photos.labels) {
    if (label >= -1 && label < model.class_count()) continue;
    throw UserError(joined("label ", label, "; the model has ", model.class_count(),
                           " classes, and -1 is none"));
  }
}

/// Paths alone have no folder that their names count from.
std::optional<std::filesystem::path> root_of(const ExperimentFiles& photos) {
  if (photos.shown == photos.paths) return {};
  return std::filesystem::path();
}

/// Gathers the results and tells of each in its order.
class Results {
 public:
  Results(const ExperimentFiles& photos, const PhotoTreesOptions& options)
      : options_(options), is_ready_(photos.paths.size()) {
    for (size_t i = 0; i < photos.paths.size(); ++i) {
      results_.push_back({photos.paths[i], photos.shown[i], photos.labels[i], {}});
    }
  }

  PhotoTree& operator[](size_t i) { return results_[i]; }
  /// Those behind it that are ready by then have no image: they have no tree.
  void ready(size_t i, const Image& image) {
    is_ready_[i] = true;
    const Image none;
    for (; next_ < results_.size() && is_ready_[next_]; ++next_) {
      end_if_stopped(options_.trees.stop);
      if (options_.each) options_.each(results_[next_], next_ == i ? image : none);
      if (options_.progress) {
        options_.progress(static_cast<int64_t>(next_) + 1, std::ssize(results_));
      }
    }
  }
  std::vector<PhotoTree> take() { return std::move(results_); }

 private:
  const PhotoTreesOptions& options_;
  std::vector<PhotoTree> results_;
  std::vector<bool> is_ready_;
  size_t next_ = 0;
};

}  // namespace

std::vector<PhotoTree> explain_photos(Explainer& explainer, const ExperimentFiles& given,
                                      const PhotoTreesOptions& options) {
  ExperimentFiles photos = given;
  check_photos(photos, explainer.model());
  ExplainOptions question = options.trees;
  if (question.after_level) throw UserError("after_level is for one image");
  TreeFiles files = options.files;
  files.top = question.top;
  files.progress = [&](int64_t, int64_t) { end_if_stopped(question.stop); };
  std::optional<tools::TreeFolders> folders;
  return tools::in_words_of_arguments([&] {
    if (!options.output_dir.empty()) {
      tools::check_files(files);
      question.keep_maps |= tools::need_maps(files);
    }
    explainer.check(question);  // what is wrong for every image must not count as a fault of each
    if (!options.output_dir.empty()) {
      folders.emplace(options.output_dir, files, photos, root_of(photos), explainer.model(),
                      options.patches);
    }
    Results results(photos, options);
    std::vector<std::string> entries(photos.paths.size());
    tools::PhotoRun run{tools::decoders_for(explainer.device(), explainer.threads()),
                        options.turning, tools::threads_of(files)};
    run.write = [&](size_t i, Tree& tree, const Image& image, int threads) {
      if (folders) entries[i] = folders->write(i, tree, image, threads);
    };
    run.tell = [&](size_t i, Tree& tree, const Image& image) {
      if (folders) folders->add(std::exchange(entries[i], {}));
      results[i].tree = std::move(tree);
      results.ready(i, image);
    };
    run.skip = [&](size_t i, const std::string& why, bool is_unreadable) {
      if (folders) folders->skip(i, why);
      results[i].error = why;
      results[i].is_unreadable = is_unreadable;
      results.ready(i, {});
    };
    tools::explain_in_batches(explainer, photos.paths, question, run);
    if (folders) folders->finish();
    return results.take();
  });
}

std::vector<PhotoTree> explain_folder(Explainer& explainer, const std::string& folder,
                                      const PhotoTreesOptions& options) {
  return explain_photos(explainer, files_in(folder, options.output_dir), options);
}

}  // namespace hdecomp
