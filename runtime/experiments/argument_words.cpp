/// From the command's flags to the names of arguments.
#include "hdecomp/argument_words.h"

#include <algorithm>
#include <string_view>

namespace hdecomp {
namespace {

// What the library's errors name.
constexpr std::string_view flags[] = {"arch",          "at",
                                      "baseline",      "batch",
                                      "box",           "by",
                                      "channel-order", "class",
                                      "classes",       "controls",
                                      "cover",         "crop",
                                      "depth",         "device",
                                      "eps",           "epsilon",
                                      "fill",          "from",
                                      "key",           "labels",
                                      "layers",        "lrp-rule",
                                      "maps",          "mask-threshold",
                                      "mean",          "merge-overlaps",
                                      "method",        "methods",
                                      "min-count",     "min-iou",
                                      "min-share",     "noise",
                                      "noise-file",    "off",
                                      "output",        "output-dir",
                                      "pdf",           "patches",
                                      "peaks",         "pictures",
                                      "pixel-range",   "precision",
                                      "region-names",  "regions",
                                      "resize",        "restarts",
                                      "resume",        "samples",
                                      "seed",          "share",
                                      "shuffles",      "side",
                                      "stages",        "std",
                                      "step",          "steps",
                                      "stride-in-1x1", "svg",
                                      "surrogate",     "target",
                                      "threads",       "to",
                                      "top",           "tree-top",
                                      "versus",        "weights-16"};

bool is_of_a_flag(char byte) {
  return byte == '-' || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

}  // namespace

std::string in_argument_words(const std::string& line) {
  if (line.find("hdecomp ") != std::string::npos) return line;
  std::string words;
  for (size_t i = 0; i < line.size();) {
    const bool begins = i == 0 || line[i - 1] == ' ' || line[i - 1] == '(';
    size_t end = i + 2;
    while (end < line.size() && is_of_a_flag(line[end])) ++end;
    const bool has_dashes = begins && line.compare(i, 2, "--") == 0;
    std::string name = has_dashes ? line.substr(i + 2, end - i - 2) : "";
    if (std::ranges::find(flags, name) == std::end(flags)) {
      words += line[i++];
      continue;
    }
    std::ranges::replace(name, '-', '_');
    words += name;
    i = end;
  }
  return words;
}

}  // namespace hdecomp
