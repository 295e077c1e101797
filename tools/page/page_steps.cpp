/// A tree's steps with their maps for the page.
#include <algorithm>
#include <cmath>
#include <map>

#include "hdecomp/base64.h"
#include "hdecomp/steps_json.h"
#include "tools/page/page_data.h"

namespace hdecomp::tools {
namespace {

/// Numbers in 8 bits: the largest magnitude becomes 127, zero stays zero.
std::vector<int8_t> in_bytes(const std::vector<float>& values) {
  float largest = 0;
  for (const float v : values) {
    if (std::isfinite(v)) largest = std::max(largest, std::abs(v));
  }
  std::vector<int8_t> bytes;
  bytes.reserve(values.size());
  for (const float v : values) {
    const bool counts = std::isfinite(v) && largest > 0;
    bytes.push_back(counts ? static_cast<int8_t>(std::lround(v / largest * 127)) : int8_t{0});
  }
  return bytes;
}

/// The smallest rectangle that holds all that is not zero; no rows where nothing is.
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
  if (bottom == 0) return {};
  return {top, left, bottom - top, right - left};
}

void put_rectangle(JsonWriter& json, const PixelRectangle& r) {
  const int64_t sides[] = {r.y, r.x, r.height, r.width};
  json.list<int64_t>(sides);
}

/// A map without the zeros around it; one cell where nothing else is.
void put_map(JsonWriter& json, const ActivationMap& map) {
  const std::vector<int8_t> cells = in_bytes(map.values);
  PixelRectangle part = extent_of(cells, map.rows, map.columns);
  std::vector<int8_t> kept;
  for (int64_t y = part.y; y < part.y + part.height; ++y) {
    const auto row = cells.begin() + y * map.columns + part.x;
    kept.insert(kept.end(), row, row + part.width);
  }
  if (kept.empty()) {
    part = {0, 0, 1, 1};
    kept = {0};
  } else {
    part.y += map.top;
    part.x += map.left;
  }
  json.begin_object();
  json.field("y", part.y);
  json.field("x", part.x);
  json.field("height", part.height);
  json.field("width", part.width);
  json.field("data", base64_of(kept));
  json.end();
}

void put_guided(JsonWriter& json, const GuidedCrop& crop) {
  json.begin_object();
  json.key("field");
  put_rectangle(json, {crop.y, crop.x, crop.height, crop.width});
  json.field("data", base64_of(in_bytes(crop.gradient)));
  json.end();
}

class PageSteps : public StepsJson {
 public:
  PageSteps(const Model& model, const std::vector<AddedEvidence>& added,
            std::set<std::string>& sent)
      : model_(model), sent_(sent) {
    for (const AddedEvidence& each : added) added_.emplace(each.parent, &each);
  }

 protected:
  bool wanted(const std::string& place) const override { return sent_.insert(place).second; }
  void put_list(JsonWriter& json, std::span<const float> values) const override {
    json.value(base64_of(values));
  }
  void put_list(JsonWriter& json, std::span<const int32_t> values) const override {
    json.value(base64_of(values));
  }
  void put_more(JsonWriter& json, const TreeStep& parent, size_t child) const override {
    const TreeNode& node = parent.decision->children()[child];
    if (!node.map) throw Error("a page needs the nodes' maps (keep_maps)");
    json.key("field");
    put_rectangle(json, model_.receptive_field(node.layer, node.y, node.x));
    json.key("map");
    put_map(json, *node.map);
    if (!node.guided) return;
    json.key("guided");
    put_guided(json, *node.guided);
  }
  void put_added(JsonWriter& json, const std::string& place) const override {
    const auto [first, last] = added_.equal_range(place);
    for (auto each = first; each != last; ++each) put_evidence(json, *each->second);
  }

 public:
  /// All of it, one object after the other, each with what it is.
  void put_evidence(JsonWriter& json, const AddedEvidence& added) const {
    const std::vector<TreeNode>& nodes = added.step.decision.children();
    const bool is_against = added.kind == AddedEvidence::Kind::against;
    for (size_t i = 0; i < nodes.size(); ++i) {
      put_node(json, {&added.step.decision, ""}, i, [&] {
        json.field(is_against ? "against" : "added", true);
        if (is_against) json.field("lowest", nodes[i].map->at(nodes[i].y, nodes[i].x));
      });
    }
  }

 private:
  const Model& model_;
  std::multimap<std::string, const AddedEvidence*> added_;  // by the decision, in their order
  std::set<std::string>& sent_;
};

}  // namespace

void put_page_steps(JsonWriter& json, const TreeNode& root, const Model& model,
                    const std::vector<AddedEvidence>& added, std::set<std::string>* sent) {
  std::set<std::string> met;
  const PageSteps steps(model, added, sent == nullptr ? met : *sent);
  json.begin_object();
  steps.put_members(json, root);
  for (const AddedEvidence& each : added) {
    if (each.own) steps.put_members(json, each.own->decision);
  }
  json.end();
}

void put_page_guided(JsonWriter& json, const TreeNode& root) {
  std::set<std::string> met;
  json.begin_object();
  for (const TreeStep& step : distinct_steps(root)) {
    for (const TreeNode& node : step.decision->children()) {
      if (!node.guided || !met.insert(place_of(node)).second) continue;
      json.key(place_of(node));
      put_guided(json, *node.guided);
    }
  }
  json.end();
}

void put_page_against(JsonWriter& json, const std::vector<AddedEvidence>& added,
                      const Model& model) {
  std::set<std::string> none;
  const PageSteps steps(model, {}, none);
  json.begin_object();
  for (const AddedEvidence& each : added) {
    json.key(each.parent);
    json.begin_array();
    steps.put_evidence(json, each);
    json.end();
  }
  json.end();
}

void put_page_node(JsonWriter& json, const AddedEvidence& added, const Model& model) {
  std::set<std::string> none;
  PageSteps(model, {}, none).put_node(json, {&added.step.decision, ""}, 0);
}

}  // namespace hdecomp::tools
