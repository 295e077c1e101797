/// Trees and steps as JSON (tools/TREE_JSON.md).
#include "hdecomp/channel_means.h"
#include "hdecomp/concepts_json.h"
#include "hdecomp/json.h"
#include "hdecomp/steps_json.h"
#include "runtime/report/step_members.h"

namespace hdecomp {
namespace {

/// With the names of files, and where guided backpropagation reaches.
class FiledSteps : public StepsJson {
 public:
  explicit FiledSteps(const JsonOptions& options) : options_(options) {}

 protected:
  void put_more(JsonWriter& json, const TreeStep& parent, size_t child) const override {
    const TreeNode& node = parent.decision->children()[child];
    const auto put_name = [&](const char* key, const JsonOptions::FileName& name_of) {
      const std::string name = name_of ? name_of(parent, child) : "";
      if (!name.empty()) json.field(key, name);
    };
    put_name("picture", options_.picture);
    put_name("guided_picture", options_.guided_picture);
    if (!node.guided) return;
    const GuidedCrop& crop = *node.guided;
    json.key("receptive_field");
    const int64_t field[] = {crop.y, crop.x, crop.height, crop.width};
    json.list<int64_t>(field);
  }

 private:
  const JsonOptions& options_;
};

void put_baseline(JsonWriter& json, const BaselineChoice& choice) {
  json.field("baseline", to_string(choice.baseline));
  if (choice.baseline == Baseline::data_set) put_means(json, "baseline_means", *choice.means);
}

void put_decision(JsonWriter& json, const TreeNode& node) {
  json.field("layer", node.layer);
  json.field("channel", node.channel);
  json.field("y", node.y);
  json.field("x", node.x);
  json.field("value", node.value);
}

template <class Result>
std::string in_one_piece(const Result& result, int indent) {
  std::string all;
  write_json(result, [&](std::string_view piece) { all += piece; }, {indent});
  return all;
}

}  // namespace

void put_score(JsonWriter& json, const ClassScore& score) {
  json.begin_object(JsonWriter::Lines::one);
  json.field("index", score.index);
  json.field("name", score.name);
  if (!score.wnid.empty()) json.field("wnid", score.wnid);
  json.field("score", score.score);
  json.field("probability", score.probability);
  json.end();
}

void put_levels(JsonWriter& json, const std::vector<TreeLevel>& levels) {
  json.key("levels");
  json.begin_array();
  for (const TreeLevel& level : levels) {
    json.begin_object(JsonWriter::Lines::one);
    json.field("layer", level.layer);
    json.field("channels", level.channels);
    json.field("reach", level.reach);
    if (level.surrogate) {
      json.key("surrogate");
      json.begin_object(JsonWriter::Lines::one);
      json.field("same", level.surrogate->same);
      json.field("probability", level.surrogate->probability);
      json.key("top");
      put_score(json, level.surrogate->decision);
      json.end();
    }
    json.end();
  }
  json.end();
}

void put_timings(JsonWriter& json, const Timings& timings) {
  json.key("timings_ms");
  json.begin_object(JsonWriter::Lines::one);
  for (const auto& [what, ms] : timings) json.field(what, ms);
  json.end();
}

void put_means(JsonWriter& json, const char* key, const ChannelMeans& means) {
  json.key(key);
  json.begin_object(JsonWriter::Lines::one);
  json.field("sha256", means.sha256());
  json.field("images", means.images());
  json.end();
}

void put_format(JsonWriter& json, const char* format) {
  json.field("format", format);
  json.field("format_version", result_json_version);
}

void write_json(const Tree& tree, const TextSink& sink, const JsonOptions& options) {
  JsonWriter json(sink, options.indent);
  json.begin_object();
  put_format(json, "hdecomp-tree");
  json.key("layers");
  json.begin_array(JsonWriter::Lines::one);
  for (const std::string& layer : tree.layers) json.value(layer);
  json.end();
  put_levels(json, tree.levels);
  json.key("top");
  json.begin_array();
  for (const ClassScore& score : tree.top) put_score(json, score);
  json.end();
  put_baseline(json, tree.baseline);
  if (tree.concepts) put_concepts(json, *tree.concepts, &tree.root);
  json.field("decompositions", tree.decompositions);
  put_timings(json, tree.timings_ms);
  json.key("root");
  json.begin_object();
  put_decision(json, tree.root);
  if (tree.of_class()) {
    json.field("class", tree.decision.name);
    json.field("probability", tree.decision.probability);
  }
  json.end();
  json.key("steps");
  FiledSteps(options).put_steps(json, tree.root);
  json.end();
}

void put_members(JsonWriter& json, const DecisionStep& step, const JsonOptions& options) {
  put_baseline(json, step.baseline);
  put_timings(json, step.timings_ms);
  json.key("decision");
  json.begin_object();
  put_decision(json, step.decision);
  if (!step.class_name.empty()) json.field("class", step.class_name);
  json.end();
  if (!step.decision.step) return;
  json.key("step");
  FiledSteps(options).put_step(json, {&step.decision, ""});
}

void write_json(const DecisionStep& step, const TextSink& sink, const JsonOptions& options) {
  JsonWriter json(sink, options.indent);
  json.begin_object();
  put_format(json, "hdecomp-step");
  put_members(json, step, options);
  json.end();
}

std::string to_json(const Tree& tree, int indent) { return in_one_piece(tree, indent); }
std::string to_json(const DecisionStep& step, int indent) { return in_one_piece(step, indent); }

}  // namespace hdecomp
