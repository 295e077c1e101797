/// From classes to decisions, from decisions to trees.
#include "runtime/explain/explain_run.h"

#include "hdecomp/error.h"
#include "hdecomp/stopped.h"
#include "nets/layer_names.h"
#include "runtime/explain/decide.h"
#include "runtime/explain/surrogates.h"
#include "runtime/network/decision.h"

namespace hdecomp {
namespace {

/// A feature of the last run's image as a decision.
ClassScore feature_of(NetworkRunner& network, int64_t image, const ExplainQuestion& question) {
  Neuron neuron = *question.feature;
  neuron.image = image;
  const double value = network.executor.value(question.tree.from, neuron);
  const std::string place = joined(layer_label(network.graph(), question.tree.from), ":",
                                   neuron.channel, "@", neuron.y, ",", neuron.x);
  require_positive("the value of " + place, value);
  return {-1, place, "", static_cast<float>(value), 0};
}

ClassScore decision_of(NetworkRunner& network, const ForwardRun& run, int64_t image,
                       const ExplainQuestion& question) {
  const Image& photo = question.images[image];
  if (!question.feature) return decide(network, run, image, photo, question.asked);
  network.require_finite(run, image, photo);
  return feature_of(network, image, question);
}

/// The trees' beginnings: each image's decision and its five most probable classes, or why it has
/// none.
std::vector<Explained> classified(NetworkRunner& network, const ForwardRun& run,
                                  const ExplainQuestion& question) {
  const Classification scores(network.model, run);
  std::vector<Explained> results(question.images.size());
  for (int64_t image = 0; image < std::ssize(results); ++image) {
    try {
      Tree tree;
      tree.decision = decision_of(network, run, image, question);
      if (network.graph().has_scores) tree.top = scores.ranking(image, 5);
      tree.baseline = question.options.baseline;
      tree.concepts = question.options.concepts;
      results[image].tree = std::move(tree);
    } catch (const UserError& fault) {
      results[image].error = fault.what();
    }
  }
  return results;
}

/// The decisions of the images that have one.
std::vector<ValuedNeuron> roots_of(const std::vector<Explained>& results,
                                   const ExplainQuestion& question) {
  std::vector<ValuedNeuron> roots;
  for (int64_t image = 0; image < std::ssize(results); ++image) {
    if (!results[image].tree) continue;
    roots.push_back(root_of(results[image].tree->decision, image));
    if (!question.feature) continue;
    roots.back().neuron = *question.feature;
    roots.back().neuron.image = image;
  }
  return roots;
}

void name_layers(const Graph& graph, const TreeQuestion& question, Tree& tree) {
  for (const int level : question.levels) tree.layers.push_back(layer_label(graph, level));
}

/// Completes the images' trees; the times are the batch's.
void put(const Graph& graph, const ExplainQuestion& question,
         const std::vector<ValuedNeuron>& roots, std::vector<BuiltTree> built, double forward_ms,
         double tree_ms, std::vector<Explained>& results) {
  const auto share = static_cast<double>(question.images.size());
  for (size_t k = 0; k < roots.size(); ++k) {
    Tree& tree = *results[roots[k].neuron.image].tree;
    name_layers(graph, question.tree, tree);
    tree.root = std::move(built[k].root);
    tree.levels = levels_below(tree.root);
    tree.decompositions = built[k].decompositions;
    tree.timings_ms = {{"forward", forward_ms / share}, {"tree", tree_ms / share}};
  }
}

}  // namespace

/// Guided backpropagation and surrogates read this batch's features after the trees; reports of
/// levels come from a host that leads.
void ExplainRun::begin() {
  const ExplainQuestion& q = question_;
  if (q.options.guided || q.options.surrogate || q.options.after_level || q.feature ||
      network_.is_last(q.images))
    return;
  TreeRun trees = network_.trees(q.tree);
  if (!trees.unattended()) return;
  forward_ = network_.start_forward(q.images);
  trees.begin(q.asked, std::ssize(q.images));
  trees_.emplace(std::move(trees));
}

std::vector<Explained> ExplainRun::finish() {
  double forward_ms = 0;
  if (forward_) {
    forward_->read->wait();
    forward_ms = forward_->ms();
  } else {
    forward_ms = network_.forward(question_.images);
  }
  std::vector<Explained> results =
      classified(network_, forward_ ? *forward_ : network_.last_run(), question_);
  const std::vector<ValuedNeuron> roots = roots_of(results, question_);
  if (question_.options.after_level && !roots.empty()) report_levels(*results.front().tree);
  if (!trees_) trees_.emplace(network_.trees(question_.tree));
  std::vector<BuiltTree> built = trees_->finish(roots);
  put(network_.graph(), question_, roots, std::move(built), forward_ms, trees_->ms(), results);
  if (question_.options.surrogate) add_surrogates(network_, question_.tree, results);
  for (size_t k = 0; question_.options.guided && k < roots.size(); ++k) {
    end_if_stopped(question_.options.stop);
    Tree& tree = *results[roots[k].neuron.image].tree;
    network_.add_guided(question_.tree, roots[k].neuron.image, tree.root, tree.timings_ms);
  }
  return results;
}

/// Reports the tree from now on, level by level, with `begun` as its beginning.
void ExplainRun::report_levels(const Tree& begun) {
  const Graph& graph = network_.graph();
  Tree so_far = begun;
  name_layers(graph, question_.tree, so_far);
  so_far.root.layer = layer_label(graph, question_.tree.from);
  const Neuron top = question_.feature.value_or(Neuron{so_far.decision.index, 0, 0});
  so_far.root.channel = top.channel;
  so_far.root.y = top.y;
  so_far.root.x = top.x;
  so_far.root.value = so_far.decision.score;
  question_.options.after_level(so_far, 0);
  question_.tree.after_level = [so_far, this](const TreeNode& root, int level) mutable {
    so_far.root = root;
    so_far.levels = levels_below(root);
    question_.options.after_level(so_far, level);
  };
}

}  // namespace hdecomp
