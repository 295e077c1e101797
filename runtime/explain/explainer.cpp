/// Explainer: photograph in, classes and trees of evidence out.
#include <algorithm>

#include "hdecomp/error.h"
#include "hdecomp/stopped.h"
#include "kernels/core/copy.h"
#include "nets/layer_names.h"
#include "runtime/explain/decide.h"
#include "runtime/explain/explainer_impl.h"
#include "runtime/network/decision.h"
#include "runtime/tree/overlap.h"
#include "runtime/tree/tree_size.h"

namespace hdecomp {
namespace {

/// Stage ends below a node, last stage first, at most `depth` of them.
std::vector<int> stages_below(const Graph& graph, int from, int depth) {
  std::vector<int> levels = stages_from_above(graph);
  std::erase_if(levels, [&](int stage) { return !is_below(graph, stage, from); });
  const int most = static_cast<int>(levels.size());
  const std::string below = from == graph.scores() ? "" : " below " + layer_label(graph, from);
  if (most == 0) throw UserError(joined("--from: ", graph.arch, " has no stage", below));
  if (depth < 0 || depth > most) {
    throw UserError(joined("--depth ", depth, ": ", graph.arch, " has ", most, " stages", below,
                           "; give 1 to ", most, ", or all"));
  }
  if (depth > 0) levels.resize(depth);
  return levels;
}

/// The decision that a tree begins with. A class has channel -1 where it is each image's most
/// probable one.
Decision beginning_of(const Model& model, const ExplainOptions& options) {
  if (!options.from.empty()) return parse_decision(model, options.from);
  return {model.data()->graph.scores(), {asked_class(model, options.target), 0, 0}};
}

TreeQuestion tree_of(NetworkRunner& network, const ExplainOptions& options) {
  const int from = beginning_of(network.model, options).node;
  TreeQuestion question{from,
                        stages_below(network.graph(), from, options.depth),
                        options.top,
                        options.keep_maps,
                        options.overlaps,
                        options.peaks};
  question.cover = options.cover;
  question.stop = options.stop;
  network.count_from(options.baseline, question);
  return question;
}

ExplainQuestion question_of(NetworkRunner& network, std::span<const Image> images,
                            const ExplainOptions& options) {
  end_if_stopped(options.stop);
  ExplainQuestion question{images, options, tree_of(network, options)};
  const Decision beginning = beginning_of(network.model, options);
  if (is_class(network.graph(), beginning)) {
    question.asked = beginning.neuron.channel;
  } else {
    question.feature = beginning.neuron;
  }
  return question;
}

}  // namespace

Explainer::Explainer(Model model, const EngineOptions& options)
    : impl_(std::make_unique<Impl>(std::move(model), options)) {}
Explainer::~Explainer() = default;
Explainer::Explainer(Explainer&&) noexcept = default;
Explainer& Explainer::operator=(Explainer&&) noexcept = default;

const Model& Explainer::model() const { return impl_->network.model; }
std::string Explainer::device() const { return to_string(impl_->network.context.device()); }
int Explainer::batch() const { return static_cast<int>(impl_->network.executor.batch()); }
int Explainer::threads() const { return impl_->network.context.threads(); }

std::vector<ClassScore> Explainer::classify(const Image& image, int count, double* ms) {
  model().require_classes();
  if (count < 1) throw UserError(joined(count, " classes: ask for at least 1"));
  const double taken = impl_->network.forward({&image, 1}, Wanted::scores);
  if (ms != nullptr) *ms = taken;
  impl_->network.require_finite(impl_->network.last_run(), 0, image);
  return impl_->network.scores().ranking(0, count);
}

LayerFeatures Explainer::features(const Image& image, const std::string& layer) {
  NetworkRunner& network = impl_->network;
  const int node = find_layer(impl_->graph(), layer);
  network.forward({&image, 1});
  network.require_finite(network.last_run(), 0, image);
  const FeatureShape& shape = impl_->graph().shapes[node];
  LayerFeatures result{
      layer_label(impl_->graph(), node), shape.channels, shape.height, shape.width, {}};
  const Tensor host =
      copied_to(Device{}, network.context, rows(network.executor.feature(node), 0, 1));
  result.values.assign(host.span().begin(), host.span().end());
  return result;
}

void Explainer::check(const ExplainOptions& options) const {
  if (options.from.empty()) model().require_classes();
  require_top(options.top);
  require_cover(options.cover);
  if (!options.from.empty() && !options.target.empty()) {
    throw UserError("--from and --class: a tree begins with one decision; give one of them");
  }
  const int from = beginning_of(model(), options).node;
  if (options.surrogate && from != impl_->graph().scores()) {
    throw UserError(joined("--surrogate: of a tree from ", options.from,
                           " there is no class that it could still give"));
  }
  if (options.surrogate) model().require_classes();
  stages_below(impl_->graph(), from, options.depth);
  if (options.overlaps) check_overlaps(*options.overlaps);
  if (options.peaks < 1) throw UserError(joined("--peaks ", options.peaks, ": give at least 1"));
  require_room(impl_->network.windows, tree_of(impl_->network, options), options.guided, batch());
}

Tree Explainer::explain(const Image& image, const ExplainOptions& options) {
  check(options);
  impl_->require_none_begun();
  ExplainRun run(impl_->network, question_of(impl_->network, {&image, 1}, options));
  run.begin();
  Explained explained = std::move(run.finish().front());
  if (!explained.tree) throw ImageError(explained.error);
  return std::move(*explained.tree);
}

std::vector<Explained> Explainer::explain_batch(std::span<const Image> images,
                                                const ExplainOptions& options) {
  if (images.empty()) return {};
  impl_->require_none_begun();
  begin_batch(images, options);
  return finish_batch();
}

void Explainer::begin_batch(std::span<const Image> images, const ExplainOptions& options) {
  impl_->require_batch(images);
  check(options);
  if (options.after_level && images.size() > 1) throw Error("after_level: give one image");
  ExplainRun run(impl_->network, question_of(impl_->network, images, options));
  run.begin();
  impl_->begun.push_back(std::move(run));
}

std::vector<Explained> Explainer::finish_batch() {
  if (impl_->begun.empty()) throw Error("finish_batch: no batch is begun");
  ExplainRun run = std::move(impl_->begun.front());
  impl_->begun.pop_front();
  return run.finish();
}

}  // namespace hdecomp
