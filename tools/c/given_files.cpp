/// From hdecomp_tree_files to TreeFiles.
#include "tools/c/given_files.h"

#include "hdecomp/error.h"

namespace hdecomp::c_api {

TreeFiles tree_files(const hdecomp_tree_files& given) {
  TreeFiles files;
  choose(files.pictures, "pictures", given.pictures, picture_choices);
  choose(files.look.colours, "colours", given.colours, colour_names);
  files.look.svg = given.svg != 0;
  files.look.pdf = given.pdf != 0;
  files.html = given.html != 0;
  take(files.top, given.top);
  if (given.maps != nullptr) {
    files.maps = map_forms[choice_of("maps", given.maps, map_forms, 0)];
  }
  files.threads = given.threads;
  files.progress = [report = callback(given.after_picture, given.data),
                    stop = token_of(given.stop)](int64_t done, int64_t all) {
    if (report) report(done, all);
    end_if_stopped(stop);
  };
  return files;
}

PatchFiles patch_files(const hdecomp_patches* const* given, size_t count) {
  if (count > 0) required(given, "patches");
  PatchFiles files;
  for (size_t i = 0; i < count; ++i) files.push_back(required(given[i], "patches").file);
  return files;
}

}  // namespace hdecomp::c_api
