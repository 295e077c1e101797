/// Texts of images, and what becomes of all of them.
#include "tools/verbs/explain_report.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "hdecomp/error.h"
#include "hdecomp/photo_trees.h"
#include "tools/console/complaint.h"
#include "tools/console/json_text.h"
#include "tools/console/standard_descriptors.h"

namespace hdecomp::tools {
namespace {

/// "PATH  class  probability  conv5_3:70 conv5_3:84 conv5_3:92"; of a feature its value in place of
/// a probability; where a label is known whether the network is right.
std::string summary_line(const ListedImage& image, const Tree& tree) {
  char value[32];
  std::snprintf(value, sizeof value, tree.of_class() ? "%.2f %%" : "F %.4g",
                tree.of_class() ? 100.0 * tree.decision.probability : tree.root.value);
  std::string line = joined(image.shown, "  ", tree.decision.name, "  ", value, " ");
  if (image.label >= 0) line += is_wrong(tree, image.label) ? " wrong " : " right ";
  for (const TreeNode& child : tree.root.children()) {
    line += joined(" ", child.layer, ":", child.channel);
  }
  return one_line(line);
}

}  // namespace

std::string ExplainReport::text_of(const ListedImage& image, const Tree& tree) const {
  if (!json_) return summary_line(image, tree) + "\n";
  const std::string label = image.label < 0 ? "" : joined("\"label\": ", image.label, ", ");
  std::string text = joined("\n{\"image\": ", json_text(image.shown), ", ", label, "\"tree\": ");
  write_json(
      tree, [&](std::string_view piece) { text += piece; }, with_pictures(pictures_));
  return text + "}";
}

void ExplainReport::add(const Tree& tree, const std::string& text) {
  for (const auto& [what, ms] : tree.timings_ms) timings_ms_[what] += ms;
  if (json_) print(explained_ == 0 ? "{\"images\": [" : ",");
  print(text);
  ++explained_;
  progress_.step();
}

void ExplainReport::skip(const ListedImage& image, const std::string& why) {
  progress_.clear();
  skipped_.add(image, why);
  progress_.step();
}

void ExplainReport::print_written(const std::string& output_dir) {
  print(joined("wrote ", output_dir, "/index.html, ", explained_,
               explained_ == 1 ? " folder beside it\n" : " folders beside it\n"));
}

void ExplainReport::finish(double load_ms, double total_ms) {
  timings_ms_["load"] = load_ms;
  timings_ms_["total"] = total_ms;
  if (json_) {
    print(joined(explained_ == 0 ? "{\"images\": [" : "",
                 "\n], \"skipped\": ", json_text(skipped_.to_json()),
                 ", \"timings_ms\": ", json_text(timings_ms_), "}\n"));
  }
  skipped_.finish(explained_);
}

void ExplainReport::print(const std::string& part) {
  progress_.clear();
  std::fputs(part.c_str(), stdout);
  flush_output();
}

}  // namespace hdecomp::tools
