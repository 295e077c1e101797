/// Pictures and JSON of one explanation into its output folder.
#pragma once

#include <algorithm>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "hdecomp/json.h"
#include "hdecomp/stopwatch.h"
#include "tools/output/output_folder.h"
#include "tools/output/pictures.h"

namespace hdecomp::tools {

struct ResultsPlace {
  std::string folder, json_name;
  int threads = 1;  // for drawing
  Pictures pictures = Pictures::all;
  PictureProgress progress = {};
  std::function<void(OutputFolder&)> more = {};  // writes further files into the folder
  PictureLook look = {};
};

inline std::vector<PictureJob> whole_pictures(const Tree& tree, const Image& photo,
                                              const Model& model, const PictureLook& look,
                                              const OutputFolder& folder,
                                              const std::filesystem::path& inside) {
  return tree_pictures(tree, photo, model, look, folder, inside);
}
/// A single step has its nodes' pictures alone.
inline std::vector<PictureJob> whole_pictures(const DecisionStep& /*step*/, const Image& /*photo*/,
                                              const Model& /*model*/, const PictureLook& /*look*/,
                                              const OutputFolder& /*folder*/,
                                              const std::filesystem::path& /*inside*/) {
  return {};
}

/// For a Tree or a DecisionStep and its root node, below `inside` of a folder that somebody else
/// commits: "" for the folder itself. Of `place` all but the folder.
template <class Result>
void stage_results(Result& result, const TreeNode& root, const ResultsPlace& place,
                   OutputFolder& folder, const std::filesystem::path& inside, const Image& photo,
                   const Model& model) {
  const Stopwatch watch;
  if (!inside.empty()) folder.make_folder(inside);
  if (place.pictures != Pictures::none) {
    constexpr int64_t side = 224;
    const EvidencePainter painter(photo, model, side, place.look.colours);
    std::vector<PictureJob> jobs = whole_pictures(result, photo, model, place.look, folder, inside);
    const bool maps = place.pictures == Pictures::all;
    std::ranges::move(node_pictures(root, maps, painter, folder, inside), std::back_inserter(jobs));
    draw_all(jobs, folder, place.threads, place.progress);
  }
  if (place.more) place.more(folder);
  result.timings_ms["draw"] = watch.ms();
  folder.write_text(inside / place.json_name, [&](const TextSink& sink) {
    write_json(result, sink, with_pictures(place.pictures, 1));
  });
}

/// The same into a folder of its own. Throws UserError if the place cannot be written to; nothing
/// is left behind then.
template <class Result>
void write_results(Result& result, const TreeNode& root, const ResultsPlace& place,
                   const Image& photo, const Model& model) {
  OutputFolder folder(place.folder);
  stage_results(result, root, place, folder, "", photo, model);
  folder.commit_in_place_of_earlier();
}

}  // namespace hdecomp::tools
