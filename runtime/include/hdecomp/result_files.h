/// What the command writes beside an experiment's results file: tables, pages, class graphs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hdecomp/channel_concepts.h"
#include "hdecomp/experiment_files.h"
#include "hdecomp/export.h"
#include "hdecomp/image.h"
#include "hdecomp/patches.h"

namespace hdecomp {

/// Of a level's weight, that is shown of a class graph.
inline constexpr double usual_share = 0.8;

/// What is said with results.
struct ResultLook {
  double share = usual_share;                            // of class-graph
  std::shared_ptr<const ChannelConcepts> concepts = {};  // names for channels
  PatchFiles patches = {};                               // what they look for, on pages
};

/// A table as a file, which is called as the results file with this in place of ".h5".
struct TableFile {
  std::string extension;  // ".csv", ".md", ".channels.csv", ".labels.csv", ".edges.csv"
  std::string text;
};

/// The tables of what measure_files() gave, whose file is opened again. Throws what
/// ResultsFile::resume() throws, and UserError for a share out of range, and where no image has a
/// graph.
HDECOMP_API std::vector<TableFile> result_tables(const MeasuredFiles& measured,
                                                 const ResultLook& look = {});
/// Writes them beside the results file.
HDECOMP_API void save_tables(const MeasuredFiles& measured, const ResultLook& look = {});

/// The page of the results of `discriminate`, `context` or `class-graph`, one HTML file's text.
/// Throws as result_tables(), and UserError for another experiment and where no image was measured.
HDECOMP_API std::string result_page(const MeasuredFiles& measured, const ResultLook& look = {});
/// Writes it beside the results file, as --html of the first two: FILE.html.
HDECOMP_API void save_page(const MeasuredFiles& measured, const ResultLook& look = {});

/// Of class-graph's results the folder that --output-dir writes: graphs.html, and a picture for
/// each class, called as its index. Throws as result_page().
HDECOMP_API void save_class_graphs(const MeasuredFiles& measured, const std::string& output_dir,
                                   const ResultLook& look = {});
/// One of those pictures. Throws UserError, too, where no image has a tree of the class.
HDECOMP_API Image class_graph_picture(const MeasuredFiles& measured, int64_t of,
                                      const ResultLook& look = {});

}  // namespace hdecomp
