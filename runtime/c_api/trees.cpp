/// The C interface's trees: made by an explainer, laid out as a list of nodes, read one by one.
#include "hdecomp/error.h"
#include "hdecomp/json.h"
#include "runtime/c_api/tree_handles.h"

namespace {

using namespace hdecomp;
using namespace hdecomp::c_api;

StepOptions step_options(const hdecomp_step_options& given) {
  StepOptions options;
  take(options.top, given.top);
  options.keep_maps = given.keep_maps != 0;
  options.guided = given.guided != 0;
  if (given.channel_count > 0) {
    const int32_t* first = &required(given.channels, "channels");
    options.channels.assign(first, first + given.channel_count);
  }
  options.cover = given.cover;
  options.baseline = baseline_of(given.baseline, given.means);
  options.against = given.against != 0;
  options.stop = token_of(given.stop);
  return options;
}

hdecomp_tree_level_info level_of(const TreeLevel& level) {
  hdecomp_tree_level_info to{};
  to.layer = level.layer.c_str();
  to.channels = level.channels;
  to.reach = level.reach;
  if (!level.surrogate) return to;
  to.has_surrogate = 1;
  to.same = level.surrogate->same ? 1 : 0;
  to.class_index = level.surrogate->decision.index;
  to.class_name = level.surrogate->decision.name.c_str();
  to.probability = level.surrogate->probability;
  return to;
}

/// Null where its channel has no name.
const ChannelConcept* concept_of(const hdecomp_tree& tree, const TreeNode& node) {
  if (!tree.tree || !tree.tree->concepts) return nullptr;
  return tree.tree->concepts->find(node.layer, node.channel);
}

hdecomp_node node_of(const hdecomp_tree& tree, const TreeNode& node) {
  hdecomp_node to{};
  to.layer = node.layer.c_str();
  to.channel = node.channel;
  to.y = node.y;
  to.x = node.x;
  to.contribution = node.contribution;
  to.share = node.share;
  to.peak = node.peak;
  to.value = node.value;
  to.extra_peak = node.extra_peak;
  to.members = node.members.data();
  to.member_count = node.members.size();
  to.concept_name = "";
  to.first_child = tree.first_child(node);
  to.child_count = std::ssize(node.children());
  if (node.guided) {
    to.guided = node.guided->gradient.data();
    to.guided_y = node.guided->y;
    to.guided_x = node.guided->x;
    to.guided_height = node.guided->height;
    to.guided_width = node.guided->width;
  }
  if (const ChannelConcept* named = concept_of(tree, node)) {
    to.concept_name = tree.tree->concepts->names().at(named->region).name.c_str();
    to.concept_part = named->iou;
  }
  if (!node.map) return to;
  const ActivationMap& map = *node.map;
  to.map = map.values.data();
  to.map_height = map.height;
  to.map_width = map.width;
  to.map_top = map.top;
  to.map_left = map.left;
  to.map_rows = map.rows;
  to.map_columns = map.columns;
  return to;
}

hdecomp_step step_of(const Decomposition& step) {
  hdecomp_step to{};
  to.layer = step.layer.c_str();
  to.channels = std::ssize(step.contribution);
  to.height = step.height;
  to.width = step.width;
  to.contribution = step.contribution.data();
  to.peak = step.peak.data();
  to.position = step.position.data();
  to.mean_gradient = step.mean_gradient.data();
  to.max_gradient = step.max_gradient.data();
  to.chosen = step.chosen.data();
  to.chosen_count = step.chosen.size();
  to.value = step.value;
  to.positive = step.positive;
  to.total = step.total;
  to.chosen_of_positive = step.chosen_of_positive;
  to.chosen_of_value = step.chosen_of_value;
  return to;
}

}  // namespace

extern "C" {

hdecomp_status hdecomp_explain(hdecomp_explainer* explainer, const hdecomp_image* image,
                               const hdecomp_explain_options* options, hdecomp_tree** tree) {
  return guarded([&] {
    required(tree, "tree");
    const hdecomp_explain_options given = options_of(options, "options");
    if (given.after_batch != nullptr) throw UserError("after_batch is for hdecomp_explain_batch");
    ExplainOptions asked = explain_options(given);
    if (const auto report = callback(given.after_level, given.data)) {
      asked.after_level = [report](const Tree&, int level) { report(level); };
    }
    const Image& photo = required(image, "image").image;
    Explainer& its = required(explainer, "explainer").explainer;
    auto made = std::make_unique<hdecomp_tree>(its.explain(photo, asked));
    if (given.against != 0) {
      made->add_against(evidence_against(
          its, photo, made->tree->root, asked.cover > 0 ? as_many_as_chosen : asked.top,
          made->tree->baseline, [&] { end_if_stopped(asked.stop); }));
    }
    *tree = made.release();
  });
}

hdecomp_status hdecomp_decompose(hdecomp_explainer* explainer, const hdecomp_image* image,
                                 const char* from, const char* to,
                                 const hdecomp_step_options* options, hdecomp_tree** tree) {
  return guarded([&] {
    required(tree, "tree");
    const StepOptions asked = step_options(options_of(options, "options"));
    put(tree, required(explainer, "explainer")
                  .explainer.decompose(required(image, "image").image, &required(from, "from"),
                                       &required(to, "to"), asked));
  });
}

int64_t hdecomp_tree_node_count(const hdecomp_tree* tree) {
  return tree == nullptr ? 0 : std::ssize(tree->nodes);
}

hdecomp_status hdecomp_tree_node(const hdecomp_tree* tree, int64_t i, hdecomp_node* node) {
  return guarded([&] {
    const hdecomp_tree& its = required(tree, "tree");
    give(node_of(its, its.node(i)), node, "node");
  });
}

hdecomp_status hdecomp_tree_step(const hdecomp_tree* tree, int64_t i, hdecomp_step* step) {
  return guarded([&] {
    const TreeNode& node = required(tree, "tree").node(i);
    if (!node.step) throw UserError(joined("node ", i, " is of the last level: it has no step"));
    give(step_of(*node.step), step, "step");
  });
}

hdecomp_status hdecomp_tree_decision(const hdecomp_tree* tree, hdecomp_class_score* decision) {
  return guarded([&] {
    const hdecomp_tree& its = required(tree, "tree");
    if (!its.tree) throw UserError("the tree of hdecomp_decompose() has no class");
    give(score_of(its.tree->decision), decision, "decision");
  });
}

hdecomp_status hdecomp_tree_against(const hdecomp_tree* tree, int64_t i,
                                    const hdecomp_tree** against) {
  return guarded([&] {
    required(against, "against");
    const hdecomp_tree& its = required(tree, "tree");
    const auto found = its.against_of.find(place_of(its.node(i)));
    *against = found == its.against_of.end() ? nullptr : found->second.get();
  });
}

int64_t hdecomp_tree_level_count(const hdecomp_tree* tree) {
  return tree == nullptr || !tree->tree ? 0 : std::ssize(tree->tree->levels);
}

hdecomp_status hdecomp_tree_level(const hdecomp_tree* tree, int64_t i,
                                  hdecomp_tree_level_info* level) {
  return guarded([&] {
    const hdecomp_tree& its = required(tree, "tree");
    if (!its.tree) throw UserError("the tree of hdecomp_decompose() has no levels");
    give(level_of(at(its.tree->levels, i, "level")), level, "level");
  });
}

hdecomp_status hdecomp_tree_json(const hdecomp_tree* tree, int32_t indent, hdecomp_text** json) {
  return guarded([&] {
    required(json, "json");
    const hdecomp_tree& its = required(tree, "tree");
    put(json, its.tree ? to_json(*its.tree, indent) : to_json(*its.step, indent));
  });
}

void hdecomp_tree_free(hdecomp_tree* tree) { delete tree; }

}  // extern "C"
