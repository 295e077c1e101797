/// Pictures and JSON of one explanation into its output folder.
#pragma once

#include <functional>
#include <string>

#include "hdecomp/json.h"
#include "hdecomp/stopwatch.h"
#include "tools/output_folder.h"
#include "tools/pictures.h"

namespace hdecomp::tools {

struct ResultsPlace {
  std::string folder, json_name;
  int threads = 1;  // for drawing
  bool pictures = true;
  bool show_progress = true;                     // of the pictures, on stderr
  std::function<void(OutputFolder&)> more = {};  // writes further files into the folder
};

/// For a Tree or a DecisionStep and its root node, below `inside` of a folder that somebody else
/// commits: "" for the folder itself. Of `place` all but the folder.
template <class Result>
void stage_results(Result& result, const TreeNode& root, const ResultsPlace& place,
                   OutputFolder& folder, const std::filesystem::path& inside, const Image& photo,
                   const Model& model) {
  const Stopwatch watch;
  if (!inside.empty()) folder.make_folder(inside);
  if (place.pictures) {
    draw_pictures(root, EvidencePainter(photo, model), folder, inside, place.threads,
                  place.show_progress);
  }
  if (place.more) place.more(folder);
  result.timings_ms["draw"] = watch.ms();
  folder.write_text(inside / place.json_name, [&](const TextSink& sink) {
    write_json(result, sink, place.pictures ? with_pictures(1) : JsonOptions{1});
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
