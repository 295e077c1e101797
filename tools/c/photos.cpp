/// The C interface's trees of many photographs.
#include "hdecomp/photo_trees.h"
#include "runtime/c_api/photo_files.h"
#include "runtime/c_api/tree_handles.h"
#include "tools/c/given_files.h"

/// What became of each, its tree apart from it.
struct hdecomp_photos {
  struct Photo {
    hdecomp::PhotoTree result;
    std::unique_ptr<hdecomp_tree> tree = {};
    bool is_wrong = false;
  };
  std::vector<Photo> photos;
};

namespace {

using namespace hdecomp;
using namespace hdecomp::c_api;

/// Takes the tree out.
hdecomp_photos::Photo photo_of(PhotoTree& one) {
  hdecomp_photos::Photo photo;
  if (one.tree) {
    photo.is_wrong = is_wrong(*one.tree, one.label);
    photo.tree = std::make_unique<hdecomp_tree>(std::move(*one.tree));
    one.tree.reset();
  }
  photo.result = one;
  return photo;
}

hdecomp_photo shown(const hdecomp_photos::Photo& photo) {
  return {sizeof(hdecomp_photo),
          photo.result.path.c_str(),
          photo.result.shown.c_str(),
          photo.result.label,
          photo.is_wrong ? 1 : 0,
          photo.result.is_unreadable ? 1 : 0,
          0,
          photo.tree.get(),
          photo.result.error.c_str()};
}

/// Throws UserError for what is of one photograph.
PhotoTreesOptions run_options(const hdecomp_photos_options& given) {
  const hdecomp_explain_options trees = batch_options(given.trees);
  if (trees.after_batch != nullptr) throw UserError("after_batch is for hdecomp_explain_batch");
  const hdecomp_tree_files files = options_of(given.files, "files");
  if (files.after_picture != nullptr || files.stop != nullptr || files.saliency_count > 0 ||
      files.name != nullptr) {
    throw UserError("files: name, saliency, after_picture and stop are for hdecomp_tree_write");
  }
  PhotoTreesOptions run;
  run.trees = explain_options(trees);
  if (given.stop != nullptr) run.trees.stop = token_of(given.stop);
  run.output_dir = text_of(given.output_dir);
  run.files = tree_files(files);
  run.patches = patch_files(files.patches, files.patch_count);
  run.turning = given.exif != 0 ? Turning::upright : Turning::as_stored;
  return run;
}

}  // namespace

extern "C" {

hdecomp_status hdecomp_explain_photos(hdecomp_explainer* explainer, const char* folder,
                                      const hdecomp_photos_options* options,
                                      hdecomp_photos** photos) {
  return guarded([&] {
    required(photos, "photos");
    Explainer& its = required(explainer, "explainer").explainer;
    const hdecomp_photos_options given = options_of(options, "options");
    PhotoTreesOptions run = run_options(given);
    const ExperimentFiles files = files_of(folder, given, its.model(), run.output_dir);
    auto made = std::make_unique<hdecomp_photos>();
    run.each = [&](PhotoTree& one, const Image&) {
      hdecomp_photos::Photo& photo = made->photos.emplace_back(photo_of(one));
      if (given.each != nullptr) {
        const hdecomp_photo seen = shown(photo);
        if (given.each(given.data, &seen, std::ssize(made->photos), std::ssize(files.paths)) != 0) {
          throw Stopped("stopped as its callback asked");
        }
      }
      if (given.forget_trees != 0) photo.tree.reset();
    };
    explain_photos(its, files, run);
    *photos = made.release();
  });
}

int64_t hdecomp_photos_count(const hdecomp_photos* photos) {
  return photos == nullptr ? 0 : std::ssize(photos->photos);
}

hdecomp_status hdecomp_photos_get(const hdecomp_photos* photos, int64_t i, hdecomp_photo* photo) {
  return guarded(
      [&] { give(shown(at(required(photos, "photos").photos, i, "photo")), photo, "photo"); });
}

void hdecomp_photos_free(hdecomp_photos* photos) { delete photos; }

}  // extern "C"
