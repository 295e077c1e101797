/// PatchFinder: from a batch of photographs to the patches that may be among the best.
#include <algorithm>
#include <functional>

#include "hdecomp/error.h"
#include "hdecomp/patches.h"
#include "kernels/core/parallel.h"
#include "nets/layer_names.h"
#include "runtime/explain/decide.h"
#include "runtime/network/map_peaks.h"
#include "runtime/patches/patch_candidates.h"
#include "runtime/tree/tree_size.h"

namespace hdecomp {
namespace {

constexpr int most_kept = 1000, least_side = 8, most_side = 256;

std::vector<int> nodes_of(const Graph& graph, const PatchOptions& options) {
  if (options.layers.empty()) return stages_from_above(graph);
  std::vector<int> nodes;
  for (const std::string& name : options.layers) nodes.push_back(find_layer(graph, name));
  std::ranges::sort(nodes, std::greater());  // from above
  if (std::ranges::adjacent_find(nodes) != nodes.end()) {
    throw UserError("--layers: a layer is named twice");
  }
  if (nodes.front() == graph.scores() && graph.has_scores) {
    throw UserError("--layers: the class scores have no place in a photograph");
  }
  if (graph.nodes.at(nodes.back()).op == Op::input) {
    throw UserError("--layers: the input has no channels that look for anything");
  }
  for (size_t i = 1; options.by == PatchRanking::contribution && i < nodes.size(); ++i) {
    if (is_below(graph, nodes[i], nodes[i - 1])) continue;
    throw UserError(joined("--layers: ", layer_label(graph, nodes[i]), " is not below ",
                           layer_label(graph, nodes[i - 1]), ", so no tree goes through both"));
  }
  return nodes;
}

void check(const PatchOptions& options) {
  if (options.top < 1 || options.top > most_kept) {
    throw UserError(joined("--top ", options.top, ": give 1 to ", most_kept));
  }
  if (options.tree_top < 1) {
    throw UserError(joined("--tree-top ", options.tree_top, ": give at least 1"));
  }
  if (options.by == PatchRanking::activation && options.tree_top != PatchOptions().tree_top) {
    throw UserError(
        joined("--tree-top ", options.tree_top, ": is of the trees of --by contribution"));
  }
  if (options.side < least_side || options.side > most_side) {
    throw UserError(joined("--side ", options.side, ": give ", least_side, " to ", most_side));
  }
}

}  // namespace

struct PatchFinder::Impl {
  Impl(Model given, const EngineOptions& engine, const PatchOptions& wanted)
      : network((check(wanted), std::move(given)), engine), options(wanted) {
    for (const int node : nodes_of(graph(), options)) {
      layers.push_back({node,
                        layer_label(graph(), node),
                        {graph(), node},
                        {graph().shapes[node].channels, options.top}});
      tree.levels.push_back(node);
    }
    if (options.by == PatchRanking::activation) return;
    network.model.require_classes();
    tree.from = graph().scores();
    tree.top = options.tree_top;
    require_room(network.windows, tree, false, network.executor.batch());
  }

  const Graph& graph() const { return network.graph(); }

  /// The image's class, whose tree is grown by contribution. Throws UserError where it has none, or
  /// a feature is not finite.
  ClassScore decision_of(int64_t image, const Image& photo) {
    const ForwardRun& run = network.last_run();
    if (options.by == PatchRanking::contribution) return decide(network, run, image, photo, -1);
    if (network.model.class_count() > 0) return choose(network, run, image, photo, -1);
    network.require_finite(run, image, photo);
    ClassScore none;
    none.index = -1;
    return none;
  }

  /// Of the images that have one; `news` says which, and why others have none.
  std::vector<ValuedNeuron> roots(std::span<const Image> images, PatchNews& news) {
    std::vector<ValuedNeuron> found;
    for (size_t i = 0; i < images.size(); ++i) {
      PatchImage& seen = news.images[i];
      try {
        const ClassScore decision = decision_of(static_cast<int64_t>(i), images[i]);
        seen.decision = static_cast<int32_t>(decision.index);
        seen.state = ImageState::measured;
        found.push_back(root_of(decision, static_cast<int64_t>(i)));
      } catch (const UserError& fault) {
        seen.state = ImageState::undecided;
        seen.error = fault.what();
      }
    }
    return found;
  }

  void add_activations(int64_t image, PatchCandidates& candidates) {
    for (size_t l = 0; l < layers.size(); ++l) {
      const std::vector<MapPeak> peaks =
          map_peaks(network.context, network.executor, layers[l].node, image);
      for (size_t c = 0; c < peaks.size(); ++c) {
        candidates.add(layers, l, static_cast<int64_t>(c), peaks[c].value, peaks[c].y, peaks[c].x);
      }
    }
  }

  void add_contributions(const TreeNode& root, PatchCandidates& candidates) {
    for (const TreeStep& one : distinct_steps(root)) {
      const Decomposition& step = *one.decision->step;
      const size_t l = std::ranges::find(layers, step.layer, &PatchedLayer::name) - layers.begin();
      for (size_t c = 0; c < step.contribution.size(); ++c) {
        if (step.position[c] < 0) continue;
        candidates.add(layers, l, static_cast<int64_t>(c), step.contribution[c],
                       step.position[c] / step.width, step.position[c] % step.width);
      }
    }
  }

  NetworkRunner network;
  PatchOptions options;
  std::vector<PatchedLayer> layers;
  TreeQuestion tree;
};

PatchFinder::PatchFinder(Model model, const EngineOptions& engine, const PatchOptions& options)
    : impl_(std::make_unique<Impl>(std::move(model), engine, options)) {}
PatchFinder::~PatchFinder() = default;
PatchFinder::PatchFinder(PatchFinder&&) noexcept = default;
PatchFinder& PatchFinder::operator=(PatchFinder&&) noexcept = default;

const Model& PatchFinder::model() const { return impl_->network.model; }
int PatchFinder::batch() const { return static_cast<int>(impl_->network.executor.batch()); }

PatchPlan PatchFinder::plan() const {
  const PatchOptions& options = impl_->options;
  const bool by_tree = options.by == PatchRanking::contribution;
  PatchPlan plan;
  plan.keep = options.top;
  for (int64_t i = 0; i < model().class_count(); ++i) plan.classes.push_back(model().class_name(i));
  plan.options = {
      {"by", patch_rankings[static_cast<size_t>(options.by)]},
      {"top", joined(options.top)},
      {"side", joined(options.side)},
      {"definition",
       by_tree
           ? joined("an image's value of a channel: its largest alpha (Eq. 4) above 0 over the "
                    "distinct decisions of the top-",
                    options.tree_top,
                    " tree of the image's most probable class; its place: the "
                    "peak of that A (Eq. 5)")
           : "an image's value of a channel: the maximum of F over its map, if above 0; its place: "
             "the first such one, row by row"}};
  if (by_tree) plan.options["tree_top"] = joined(options.tree_top);
  plan.options.merge(impl_->network.told());
  for (const PatchedLayer& layer : impl_->layers) {
    plan.layers.push_back({layer.name, layer.best.channels()});
  }
  return plan;
}

PatchNews PatchFinder::look(std::span<const Image> images, std::span<const int32_t> numbers) {
  PatchNews news;
  if (images.empty()) return news;
  if (std::ssize(images) > batch() || images.size() != numbers.size()) {
    throw Error(
        joined(images.size(), " images with ", numbers.size(), " numbers, made for ", batch()));
  }
  Impl& impl = *impl_;
  impl.network.forward(images);
  news.images.resize(images.size());
  parallel_for(impl.network.context, std::ssize(images), [&](int64_t i) {
    news.images[i].image = numbers[i];
    news.images[i].pixels = pixel_number(images[i]);
  });
  const std::vector<ValuedNeuron> roots = impl.roots(images, news);
  std::vector<BuiltTree> trees;
  if (impl.options.by == PatchRanking::contribution) {
    trees = impl.network.trees(impl.tree).finish(roots);
  }
  std::vector<PatchCandidates> candidates;
  for (size_t k = 0; k < roots.size(); ++k) {
    const int64_t image = roots[k].neuron.image;
    PatchCandidates& one = candidates.emplace_back();
    one.photo = &images[image];
    one.number = numbers[image];
    if (trees.empty()) {
      impl.add_activations(image, one);
    } else {
      impl.add_contributions(trees[k].root, one);
    }
  }
  put_patches(impl.network.context, impl.layers, model().preprocess(), impl.options.side,
              candidates, news);
  return news;
}

}  // namespace hdecomp
