/// Class graphs as a folder: a page of all and a picture of each.
#pragma once

#include <string>

#include "tools/page/page_patches.h"
#include "tools/tables/graph_tables.h"

namespace hdecomp::tools {

/// The picture of one.
Image graph_picture(const ShownGraphs& shown, const ShownGraph& graph, const Model& model);
/// The page, piece by piece. `patches`: what channels look for.
void write_graph_page(const ShownGraphs& shown, const Model& model, const PatchFiles& patches,
                      const TextSink& sink);
/// graphs.html and "36.png", called as its class's index, in place of what an earlier run wrote
/// there. Throws UserError as OutputFolder.
void write_graph_folder(const std::string& output_dir, const ShownGraphs& shown, const Model& model,
                        const PatchFiles& patches);

}  // namespace hdecomp::tools
