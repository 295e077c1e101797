/// From photographs to trees, a batch at a time.
#include "runtime/explain/explain_run.h"

#include "hdecomp/error.h"
#include "hdecomp/stopwatch.h"
#include "kernels/gap/root_decisions.h"
#include "nets/layer_names.h"
#include "runtime/network/decision.h"

namespace hdecomp {
namespace {

/// The trees' beginnings: each image's decision and its five most probable classes, or why it has
/// none.
std::vector<Explained> classified(NetworkRunner& engine, const ForwardRun& run,
                                  const ExplainBatch& batch) {
  const Classification scores(engine.model, run);
  std::vector<Explained> results(batch.images.size());
  for (int64_t image = 0; image < std::ssize(results); ++image) {
    try {
      engine.require_finite(run, image, batch.images[image]);
      Tree tree;
      tree.top = scores.ranking(image, 5);
      tree.decision = batch.asked < 0 ? tree.top.front() : scores.score_of(image, batch.asked);
      require_positive(text("the score of class '", tree.decision.name, "'"), tree.decision.score);
      results[image].tree = std::move(tree);
    } catch (const UserError& fault) {
      results[image].error = fault.what();
    }
  }
  return results;
}

/// The decisions of the images that have one; each image's row is its own.
std::vector<ValuedNeuron> roots_of(const std::vector<Explained>& results) {
  std::vector<ValuedNeuron> roots;
  for (int64_t image = 0; image < std::ssize(results); ++image) {
    if (!results[image].tree) continue;
    const ClassScore& decision = results[image].tree->decision;
    roots.push_back({{decision.index, 0, 0, image}, decision.score, image});
  }
  return roots;
}

void name_layers(const Graph& graph, const TreeQuestion& plan, Tree& tree) {
  for (const int level : plan.levels) tree.layers.push_back(layer_label(graph, level));
}

/// Reports the tree from now on, level by level, with `begun` as its beginning.
void report_levels(const Graph& graph, const Tree& begun, ExplainBatch& batch) {
  Tree so_far = begun;
  name_layers(graph, batch.plan, so_far);
  so_far.root.layer = layer_label(graph, batch.plan.from);
  so_far.root.channel = so_far.decision.index;
  so_far.root.value = so_far.decision.score;
  batch.options.after_level(so_far, 0);
  batch.plan.after_level = [so_far, &batch](const TreeNode& root, int level) mutable {
    so_far.root = root;
    batch.options.after_level(so_far, level);
  };
}

/// Completes the images' trees; the times are the batch's.
void put(const Graph& graph, const ExplainBatch& batch, const std::vector<ValuedNeuron>& roots,
         std::vector<BuiltTree> built, double forward_ms, double tree_ms,
         std::vector<Explained>& results) {
  const auto share = static_cast<double>(batch.images.size());
  for (size_t k = 0; k < roots.size(); ++k) {
    Tree& tree = *results[roots[k].neuron.image].tree;
    name_layers(graph, batch.plan, tree);
    tree.root = std::move(built[k].root);
    tree.decompositions = built[k].decompositions;
    tree.timings_ms = {{"forward", forward_ms / share}, {"tree", tree_ms / share}};
  }
}

}  // namespace

void ExplainBatches::begin(ExplainBatch batch) {
  Begun begun{std::move(batch)};
  const ExplainBatch& b = begun.batch;
  begun.recorded = b.options.guided ? nullptr : engine_.recorded(b.plan);
  if (begun.recorded != nullptr && !engine_.is_last(b.images)) {
    begun.run = engine_.start_forward(b.images);
    root_decisions(engine_.context, class_scores(engine_.executor), b.asked, std::ssize(b.images),
                   begun.recorded->roots());
    begun.trees = begun.recorded->start();
  }
  begun_.push_back(std::move(begun));
}

std::vector<Explained> ExplainBatches::finish() {
  if (begun_.empty()) throw Error("finish_batch: no batch is begun");
  Begun begun = std::move(begun_.front());
  begun_.pop_front();
  return begun.run ? finish_started(begun) : work(begun.batch);
}

std::vector<Explained> ExplainBatches::finish_started(Begun& begun) {
  begun.run->read->wait();
  std::vector<Explained> results = classified(engine_, *begun.run, begun.batch);
  const std::vector<ValuedNeuron> roots = roots_of(results);
  begun.trees.done().wait();
  const Stopwatch watch;
  std::vector<BuiltTree> built = begun.recorded->finish(begun.trees, roots);
  const double tree_ms = begun.trees.done().ms_since(*begun.trees.begun) + watch.ms();
  put(engine_.graph(), begun.batch, roots, std::move(built), begun.run->ms(), tree_ms, results);
  return results;
}

/// All of it now, the host leading.
std::vector<Explained> ExplainBatches::work(ExplainBatch& batch) {
  const double forward_ms = engine_.forward(batch.images);
  std::vector<Explained> results = classified(engine_, engine_.last_run(), batch);
  const std::vector<ValuedNeuron> roots = roots_of(results);
  if (batch.options.after_level && !roots.empty()) {
    report_levels(engine_.graph(), *results.front().tree, batch);
  }
  std::vector<Neuron> neurons;
  for (const ValuedNeuron& root : roots) neurons.push_back(root.neuron);
  const Stopwatch watch;
  std::vector<BuiltTree> built = engine_.trees(batch.plan, neurons);
  put(engine_.graph(), batch, roots, std::move(built), forward_ms, watch.ms(), results);
  for (size_t k = 0; batch.options.guided && k < roots.size(); ++k) {
    Tree& tree = *results[roots[k].neuron.image].tree;
    engine_.add_guided(batch.plan, roots[k].neuron.image, tree.root, tree.timings_ms);
  }
  return results;
}

}  // namespace hdecomp
