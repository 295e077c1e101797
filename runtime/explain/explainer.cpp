/// Explainer: photograph in, classes and trees of evidence out.
#include "hdecomp/error.h"
#include "hdecomp/stopped.h"
#include "kernels/core/copy.h"
#include "nets/layer_names.h"
#include "runtime/explain/decide.h"
#include "runtime/explain/explainer_impl.h"
#include "runtime/tree/overlap.h"
#include "runtime/tree/tree_size.h"

namespace hdecomp {
namespace {

/// Stage ends below the scores, last stage first, at most `depth` of them.
std::vector<int> stages_below(const Graph& graph, int depth) {
  const int most = static_cast<int>(graph.stage_ends.size());
  if (depth < 0 || depth > most) {
    throw UserError(joined("--depth ", depth, ": ", graph.arch, " has ", most,
                           " stages; give 1 to ", most, ", or all"));
  }
  std::vector<int> levels = stages_from_above(graph);
  if (depth > 0) levels.resize(depth);
  return levels;
}

TreeQuestion tree_of(NetworkRunner& network, const ExplainOptions& options) {
  TreeQuestion question{network.graph().scores(),
                        stages_below(network.graph(), options.depth),
                        options.top,
                        options.keep_maps,
                        options.overlaps,
                        options.peaks};
  question.stop = options.stop;
  network.count_from(options.baseline, question);
  return question;
}

ExplainQuestion question_of(NetworkRunner& network, std::span<const Image> images,
                            const ExplainOptions& options) {
  end_if_stopped(options.stop);
  const int64_t asked = asked_class(network.model, options.target);
  return {images, options, tree_of(network, options), asked};
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

std::vector<ClassScore> Explainer::classify(const Image& image, int count, double* ms) {
  model().require_classes();
  if (count < 1) throw UserError(joined(count, " classes: ask for at least 1"));
  const double taken = impl_->network.forward({&image, 1});
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
  model().require_classes();
  require_top(options.top);
  stages_below(impl_->graph(), options.depth);
  if (options.overlaps) check_overlaps(*options.overlaps);
  if (options.peaks < 1) throw UserError(joined("--peaks ", options.peaks, ": give at least 1"));
  if (!options.target.empty()) impl_->network.model.find_class(options.target);
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
