/// The tree of evidence as a map of the pixels: the sum over the tree's paths of the gradient of
/// their last neuron, in the first stage, to the pixels, each path weighted as GapSum says. The
/// gradient is linear, so all paths go down together: one backward pass from the first stage, which
/// begins with each neuron's weights added up.
#include <map>

#include "hdecomp/error.h"
#include "runtime/saliency/saliency_net.h"
#include "runtime/saliency/tree_paths.h"
#include "runtime/tree/tree_run.h"
#include "runtime/tree/tree_size.h"

namespace hdecomp {
namespace {

double factor_of(const TreeNode& child, GapSum sum) {
  switch (sum) {
    case GapSum::leaf:
      return 1;
    case GapSum::weighted:
      return child.share;
    case GapSum::chain:
      return child.peak / child.value;  // G = A / F
  }
  throw Error("an unknown sum of paths");
}

struct Leaves {
  std::map<Neuron, double> weights;  // of the first stage's neurons, over all paths
  double paths = 0;
};

/// What paths that end in one step weigh together, and how many they are.
struct Paths {
  double weight = 0, count = 0;
  Paths& operator+=(const Paths& other) {
    weight += other.weight, count += other.count;
    return *this;
  }
};

/// A path that ends above the first stage, at a feature that is not positive, reaches no pixel.
Leaves leaves_of(const TreeNode& root, int64_t image, size_t levels, GapSum sum) {
  Leaves leaves;
  walk_paths(root, levels, Paths{1, 1},
             [&](size_t level, const TreeNode& child, const Paths& above) {
               const Paths own{above.weight * factor_of(child, sum), above.count};
               if (level + 1 == levels) {
                 leaves.weights[{child.channel, child.y, child.x, image}] += own.weight;
                 leaves.paths += own.count;
               }
               return own;
             });
  return leaves;
}

}  // namespace

SaliencyMaps gap_maps(SaliencyNet& net, Classes classes, const SaliencyOptions& options) {
  const Graph& graph = net.graph();
  TreeQuestion question;
  question.from = graph.scores();
  question.levels = stages_from_above(graph);
  question.top = options.top;
  if (question.levels.empty()) throw UserError("the network has no stages to decompose into");
  require_room(net.windows, question, false, std::ssize(classes));
  // The tree's own rule, only a positive score is a decision, does not hold for a map: the value
  // that it goes by is only compared with 0.
  std::vector<ValuedNeuron> roots;
  for (size_t i = 0; i < classes.size(); ++i) {
    const auto image = static_cast<int64_t>(i);
    roots.push_back({{classes[i], 0, 0, image}, 1, image});
  }
  const std::vector<BuiltTree> trees = TreeRun(net.windows, question).finish(roots);
  std::vector<Seed> seeds;
  std::vector<Leaves> leaves;
  for (size_t i = 0; i < trees.size(); ++i) {
    leaves.push_back(
        leaves_of(trees[i].root, static_cast<int64_t>(i), question.levels.size(), options.sum));
    for (const auto& [neuron, weight] : leaves.back().weights) {
      seeds.push_back({neuron, static_cast<float>(weight)});
    }
  }
  BackwardRule rule(net.context, net.executor);
  SaliencyMaps maps =
      pixel_maps(to_pixels(net, question.levels.back(), seeds, std::ssize(classes), rule));
  for (size_t i = 0; i < maps.size(); ++i) {
    maps[i].leaves = std::ssize(leaves[i].weights);
    maps[i].paths = leaves[i].paths;
  }
  return maps;
}

}  // namespace hdecomp
