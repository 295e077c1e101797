/// Calls that write a tree's files, for programs.
#include "hdecomp/tree_files.h"

#include <utility>

#include "tools/cpp/argument_errors.h"
#include "tools/output/tree_folder.h"

namespace hdecomp {

void save_tree(const Tree& tree, const Image& image, const Model& model,
               const std::string& output_dir, const TreeFiles& files, const std::string& name,
               ReportParts parts) {
  tools::in_words_of_arguments([&] {
    Tree timed = tree;  // whose copy shares all but the times
    tools::write_tree(timed, files, output_dir, name, image, model, std::move(parts));
  });
}

void save_step(const DecisionStep& step, const Image& image, const Model& model,
               const std::string& output_dir, const TreeFiles& files) {
  tools::in_words_of_arguments([&] {
    DecisionStep timed = step;
    tools::write_step(timed, files, output_dir, image, model);
  });
}

std::string report_page(const Tree& tree, const Image& image, const Model& model,
                        const std::string& name, int top, ReportParts parts) {
  std::string page;
  tools::write_report_page(tree, top, name, image, model, std::move(parts), {},
                           [&](std::string_view piece) { page += piece; });
  return page;
}

}  // namespace hdecomp
