/// Stage by stage, so that of a forward pass only what is above the stage is run.
#include "runtime/explain/surrogates.h"

#include <set>

#include "hdecomp/stopped.h"
#include "hdecomp/stopwatch.h"
#include "runtime/ablation/filled_run.h"
#include "runtime/explain/scores_as_run.h"

namespace hdecomp {
namespace {

/// Of each level's channels those that no node of the tree has, nor stands for.
FilledChannels others_than_chosen(const Graph& graph, const TreeQuestion& question,
                                  const Tree& tree) {
  std::vector<std::set<int64_t>> chosen(tree.levels.size());
  for (const TreeStep& one : distinct_steps(tree.root)) {
    const Decomposition& step = *one.decision->step;
    for (size_t l = 0; l < chosen.size(); ++l) {
      if (tree.levels[l].layer != step.layer) continue;
      chosen[l].insert(step.chosen.begin(), step.chosen.end());
      for (const TreeNode& node : step.evidence) {
        chosen[l].insert(node.members.begin(), node.members.end());
      }
    }
  }
  FilledChannels others(chosen.size());
  for (size_t l = 0; l < chosen.size(); ++l) {
    const auto channels = static_cast<int32_t>(graph.shapes[question.levels.at(l)].channels);
    for (int32_t k = 0; k < channels; ++k) {
      if (!chosen[l].contains(k)) others[l].push_back(k);
    }
  }
  return others;
}

StageSurrogate surrogate_of(const Model& model, const Tree& tree,
                            const std::vector<std::vector<float>>& scores) {
  const ForwardRun run = scores_as_run(model, scores);
  const Classification classes(model, run);
  StageSurrogate surrogate;
  surrogate.decision = classes.ranking(0, 1).front();
  surrogate.same = surrogate.decision.index == tree.decision.index;
  surrogate.probability = classes.score_of(0, tree.decision.index).probability;
  return surrogate;
}

}  // namespace

void add_surrogates(NetworkRunner& network, const TreeQuestion& question,
                    std::vector<Explained>& images) {
  const Stopwatch watch;
  const Graph& graph = network.graph();
  std::vector<FilledChannels> others;  // by image
  double trees = 0;
  for (const Explained& image : images) {
    others.push_back(image.tree ? others_than_chosen(graph, question, *image.tree)
                                : FilledChannels{});
    trees += image.tree ? 1 : 0;
  }
  for (size_t l = 0; l < question.levels.size(); ++l) {
    const int node = question.levels[l];
    FilledRun run(network.context, network.executor, {node}, 1);
    const std::vector<float> zeros(graph.shapes[node].channels);
    for (size_t i = 0; i < images.size(); ++i) {
      if (l >= others[i].size()) continue;
      end_if_stopped(question.stop);
      Tree& tree = *images[i].tree;
      const FilledChannels item{others[i][l]};
      tree.levels[l].surrogate = surrogate_of(
          network.model, tree, run.scores(static_cast<int64_t>(i), {zeros}, {&item, 1}));
    }
  }
  for (Explained& image : images) {
    if (image.tree) image.tree->timings_ms["surrogate"] = watch.ms() / trees;
  }
}

}  // namespace hdecomp
