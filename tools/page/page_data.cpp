/// Trees to the page's JSON.
#include "tools/page/page_data.h"

#include <algorithm>
#include <cmath>

#include "tools/page/base64.h"

namespace hdecomp::tools {
namespace {

constexpr int page_version = 1;
constexpr int jpeg_quality = 88;

/// Numbers in 8 bits: the largest magnitude becomes 127, zero stays zero.
std::vector<int8_t> in_bytes(const std::vector<float>& values) {
  float largest = 0;
  for (const float v : values) {
    if (std::isfinite(v)) largest = std::max(largest, std::abs(v));
  }
  std::vector<int8_t> bytes;
  for (const float v : values) {
    const bool counts = std::isfinite(v) && largest > 0;
    bytes.push_back(counts ? static_cast<int8_t>(std::lround(v / largest * 127)) : int8_t{0});
  }
  return bytes;
}

/// The smallest rectangle that holds all that is not zero; one cell where nothing is.
PixelRectangle extent_of(const std::vector<int8_t>& cells, int64_t height, int64_t width) {
  int64_t top = height, left = width, bottom = 0, right = 0;
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      if (cells[y * width + x] == 0) continue;
      top = std::min(top, y);
      left = std::min(left, x);
      bottom = std::max(bottom, y + 1);
      right = std::max(right, x + 1);
    }
  }
  if (bottom == 0) return {0, 0, 1, 1};
  return {top, left, bottom - top, right - left};
}

/// A map without the zeros around it.
PageJson map_json(const std::vector<float>& map, int64_t height, int64_t width) {
  const std::vector<int8_t> cells = in_bytes(map);
  const PixelRectangle part = extent_of(cells, height, width);
  std::vector<int8_t> kept;
  for (int64_t y = part.y; y < part.y + part.height; ++y) {
    const auto row = cells.begin() + y * width + part.x;
    kept.insert(kept.end(), row, row + part.width);
  }
  return {{"y", part.y},
          {"x", part.x},
          {"height", part.height},
          {"width", part.width},
          {"data", base64_of(kept)}};
}

PageJson score_json(const ClassScore& score) {
  return {{"index", score.index},
          {"name", score.name},
          {"wnid", score.wnid},
          {"score", score.score},
          {"probability", score.probability}};
}

std::string key_of(const TreeNode& node) {
  return text(node.layer, ":", node.channel, "@", node.y, ",", node.x);
}

PageJson step_json(const TreeNode& node, const Model& model) {
  const Decomposition& d = *node.step;
  PageJson result{{"layer", d.layer},
                  {"height", d.height},
                  {"width", d.width},
                  {"positive", d.positive},
                  {"bias", d.value - d.total},
                  {"chosen_of_positive", d.chosen_of_positive},
                  {"chosen_of_value", d.chosen_of_value},
                  {"contributions", base64_of(d.contribution)},
                  {"peaks", base64_of(d.peak)},
                  {"positions", base64_of(d.position)}};
  result["children"] = PageJson::array();
  for (const TreeNode& child : node.children) {
    result["children"].push_back(page_node(child, d, model));
  }
  return result;
}

void add_steps(const TreeNode& node, const Model& model, std::set<std::string>& seen,
               std::set<std::string>* sent, PageJson& steps) {
  const std::string key = key_of(node);
  if (!node.step || !seen.insert(key).second) return;
  if (sent == nullptr || sent->insert(key).second) steps[key] = step_json(node, model);
  for (const TreeNode& child : node.children) add_steps(child, model, seen, sent, steps);
}

PageJson guided_json(const GuidedCrop& crop) {
  return {{"field", {crop.y, crop.x, crop.height, crop.width}},
          {"data", base64_of(in_bytes(crop.gradient))}};
}

void add_guided(const TreeNode& node, PageJson& crops) {
  if (node.guided && !crops.contains(key_of(node))) crops[key_of(node)] = guided_json(*node.guided);
  for (const TreeNode& child : node.children) add_guided(child, crops);
}

PageJson layers_json(const Tree& tree, const Model& model) {
  PageJson layers = PageJson::array();
  for (const std::string& name : tree.layers) {
    for (const LayerInfo& layer : model.layers()) {
      if (layer.stage != name) continue;
      layers.push_back({{"name", name},
                        {"channels", layer.channels},
                        {"height", layer.height},
                        {"width", layer.width}});
    }
  }
  return layers;
}

}  // namespace

std::string dump(const PageJson& json) {
  return json.dump(-1, ' ', false, PageJson::error_handler_t::replace);
}

PageJson page_node(const TreeNode& node, const Decomposition& parent, const Model& model) {
  if (!node.map) throw Error("a page needs the nodes' maps (keep_maps)");
  const PixelRectangle field = model.receptive_field(node.layer, node.y, node.x);
  PageJson result{{"channel", node.channel},
                  {"y", node.y},
                  {"x", node.x},
                  {"contribution", node.contribution},
                  {"share", node.share},
                  {"peak", node.peak},
                  {"value", node.value},
                  {"field", {field.y, field.x, field.height, field.width}},
                  {"map", map_json(*node.map, parent.height, parent.width)}};
  if (node.guided) result["guided"] = guided_json(*node.guided);
  return result;
}

PageJson page_steps(const TreeNode& root, const Model& model, std::set<std::string>* sent) {
  PageJson steps = PageJson::object();
  std::set<std::string> seen;
  add_steps(root, model, seen, sent, steps);
  return steps;
}

PageJson page_guided(const TreeNode& root) {
  PageJson crops = PageJson::object();
  add_guided(root, crops);
  return crops;
}

PageJson page_head(const Tree& tree, const Model& model, const PageSubject& subject) {
  const std::string picture =
      "data:image/jpeg;base64," + base64(encode_jpeg(subject.view, jpeg_quality));
  PageJson result{{"format", "hdecomp-page"}, {"format_version", page_version}};
  result["image"] = {{"name", subject.image_name}, {"picture", picture}};
  result["model"] = {{"arch", model.arch()}, {"input", model.preprocess().crop}};
  result["top_channels"] = subject.top;
  result["layers"] = layers_json(tree, model);
  result["top"] = PageJson::array();
  for (const ClassScore& score : tree.top) result["top"].push_back(score_json(score));
  result["root"] = {{"layer", tree.root.layer},
                    {"channel", tree.root.channel},
                    {"class", tree.decision.name},
                    {"value", tree.root.value},
                    {"probability", tree.decision.probability}};
  return result;
}

}  // namespace hdecomp::tools
