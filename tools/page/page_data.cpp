/// What the page says of an explanation as a whole.
#include "tools/page/page_data.h"

#include <array>

#include "hdecomp/base64.h"
#include "hdecomp/concepts_json.h"
#include "tools/page/saliency_json.h"

namespace hdecomp::tools {
namespace {

constexpr int page_version = 1;
constexpr int jpeg_quality = 88;

void put_image(JsonWriter& json, const PageSubject& subject) {
  json.key("image");
  json.begin_object();
  json.field("name", subject.image_name);
  json.field("picture", page_picture(subject.view));
  json.key("seen");  // of the photograph's pixels
  json.list<int64_t>(
      std::array{subject.seen.x, subject.seen.y, subject.seen.width, subject.seen.height});
  json.end();
}

void put_difference(JsonWriter& json, const PageDifference& difference) {
  json.key("difference");
  json.begin_object();
  json.field("one", difference.one);
  json.field("other", difference.other);
  json.field("words", difference.words);
  json.end();
}

void put_model(JsonWriter& json, const Model& model) {
  json.key("model");
  json.begin_object();
  json.field("arch", model.arch());
  put_input(json, model);
  json.end();
}

void put_layers(JsonWriter& json, const Tree& tree, const Model& model) {
  json.key("layers");
  json.begin_array();
  for (const std::string& name : tree.layers) {
    for (const LayerInfo& layer : model.layers()) {
      if (layer.stage != name) continue;
      json.begin_object();
      json.field("name", name);
      json.field("channels", layer.channels);
      json.field("height", layer.height);
      json.field("width", layer.width);
      json.end();
    }
  }
  json.end();
}

void put_prediction(JsonWriter& json, const std::vector<ClassScore>& top) {
  json.key("top");
  json.begin_array();
  for (const ClassScore& score : top) {
    json.begin_object();
    json.field("index", score.index);
    json.field("name", score.name);
    json.field("wnid", score.wnid);
    json.field("score", score.score);
    json.field("probability", score.probability);
    json.end();
  }
  json.end();
}

/// A feature has its place and what it sees, a class its name and probability.
void put_root(JsonWriter& json, const Tree& tree, const Model& model) {
  const TreeNode& root = tree.root;
  json.key("root");
  json.begin_object();
  json.field("layer", root.layer);
  json.field("channel", root.channel);
  json.field("value", root.value);
  if (tree.of_class()) {
    json.field("class", tree.decision.name);
    json.field("probability", tree.decision.probability);
  } else {
    json.field("y", root.y);
    json.field("x", root.x);
    const PixelRectangle seen = model.receptive_field(root.layer, root.y, root.x);
    json.key("field");
    json.list<int64_t>(std::array{seen.y, seen.x, seen.height, seen.width});
  }
  json.end();
}

}  // namespace

std::string page_picture(const Image& view) {
  return "data:image/jpeg;base64," + base64(encode_jpeg(view, jpeg_quality));
}

std::string exact_picture(const Image& view) {
  return "data:image/png;base64," + base64(encode_png(view));
}

PageSubject page_subject(std::string name, const Image& photo, const Model& model, int top) {
  PageSubject subject{std::move(name), EvidencePainter(photo, model, page_side).view(), top};
  subject.seen = seen_of(photo, model.preprocess());
  return subject;
}

void put_input(JsonWriter& json, const Model& model) {
  const PixelSize& input = model.preprocess().crop;
  json.key("input");
  json.list<int64_t>(std::array{input.height, input.width});
}

void put_lines(JsonWriter& json, const std::vector<std::string>& lines) {
  json.key("lines");
  json.begin_array();
  for (const std::string& line : lines) json.value(line);
  json.end();
}

void put_drawn_map(JsonWriter& json, const DrawnMap& drawn) {
  json.begin_object();
  put_saliency(json, drawn.map);
  json.field("picture", exact_picture(drawn.picture));
  json.end();
}

void put_page_head(JsonWriter& json, const Tree& tree, const Model& model,
                   const PageSubject& subject) {
  json.field("format", "hdecomp-page");
  json.field("format_version", page_version);
  put_image(json, subject);
  put_model(json, model);
  json.field("top_channels", subject.top);
  json.field("baseline", to_string(tree.baseline.baseline));
  if (tree.concepts) put_concepts(json, *tree.concepts);
  put_layers(json, tree, model);
  put_levels(json, tree.levels);
  put_prediction(json, subject.difference ? subject.difference->top : tree.top);
  if (subject.difference) put_difference(json, *subject.difference);
  put_root(json, tree, model);
  if (subject.maps.empty()) return;
  json.key("saliency");
  json.begin_array();
  for (const DrawnMap& drawn : subject.maps) put_drawn_map(json, drawn);
  json.end();
}

}  // namespace hdecomp::tools
