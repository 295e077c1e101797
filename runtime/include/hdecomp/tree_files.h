/// A tree's files: what `hdecomp explain --output-dir` writes of one photograph.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "hdecomp/against.h"
#include "hdecomp/drawing.h"
#include "hdecomp/export.h"
#include "hdecomp/image.h"
#include "hdecomp/model.h"
#include "hdecomp/patches.h"
#include "hdecomp/saliency.h"
#include "hdecomp/tree.h"

namespace hdecomp {

/// What is drawn of a tree: nothing; the pyramid and a sheet per level; and a file per node, too.
enum class Pictures { none, sheets, all };
inline constexpr const char* picture_choices[] = {"none", "sheets", "all"};

/// How they are drawn.
struct PictureLook {
  Colours colours = Colours::jet;
  bool svg = false, pdf = false;  // the pyramid as vectors, too
};

/// Told how many of all pictures are drawn; ends it by throwing.
using PictureProgress = std::function<void(int64_t done, int64_t all)>;

/// What is written of a tree beside tree.json, and how.
struct TreeFiles {
  Pictures pictures = Pictures::sheets;
  PictureLook look = {};
  std::string maps = {};  // raw ones, by a word of map_forms: maps/*.npy, maps.h5; "" for none
  bool html = false;      // report.html
  int top = 3;            // N, as the report says it
  int threads = 0;        // for drawing; 0: one for every core
  PictureProgress progress = {};
};
inline constexpr const char* map_forms[] = {"npy", "h5"};

/// What a report has beside the tree: maps of the same photograph, what channels look for, and
/// what speaks against decisions.
struct ReportParts {
  std::vector<SaliencyMap> maps = {};
  PatchFiles patches = {};
  std::vector<EvidenceAgainst> against = {};
};

/// Writes tree.json and the files into a folder, which is made if it is not there, whole or not at
/// all, in place of what an earlier call, or the command, wrote there. `image` and `model` are the
/// tree's; `name`: of the photograph, over the report. Throws UserError where the folder cannot be
/// written to, and where maps are needed (for all but Pictures::none alone) and were not kept.
HDECOMP_API void save_tree(const Tree& tree, const Image& image, const Model& model,
                           const std::string& output_dir, const TreeFiles& files = {},
                           const std::string& name = "image", ReportParts parts = {});

/// The same of one step, as `hdecomp decompose --output-dir`: step.json, a picture of each of its
/// nodes in maps/, and raw maps. Of the files `maps`, `threads` and `progress` count.
HDECOMP_API void save_step(const DecisionStep& step, const Image& image, const Model& model,
                           const std::string& output_dir, const TreeFiles& files = {});

/// report.html's text. `top`: N, as the report says it. Throws Error where maps were not kept.
HDECOMP_API std::string report_page(const Tree& tree, const Image& image, const Model& model,
                                    const std::string& name = "image", int top = 3,
                                    ReportParts parts = {});

}  // namespace hdecomp
