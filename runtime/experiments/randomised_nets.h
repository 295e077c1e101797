/// A network with its weights drawn anew, step after step, or another one in its place.
#pragma once

#include <memory>

#include "runtime/experiments/randomised_steps.h"
#include "runtime/saliency/saliency_net.h"
#include "weights/model/device_model.h"

namespace hdecomp {

/// A network of the architecture with other weights, planned.
struct OtherNet {
  /// `planned`: the largest batch, or an executor over whose memory its own is to be.
  template <class Planned>
  OtherNet(const Context& context, std::shared_ptr<const ModelData> on_host, const Planned& planned)
      : model(on_device(context, std::move(on_host))),
        executor(context, *model, planned),
        windows(context, *model, executor),
        net{context, *model, executor, windows} {}

  std::shared_ptr<const ModelData> model;
  Executor executor;
  WindowExecutor windows;
  SaliencyNet net;
};

/// The weights of each step.
class RandomisedWeights {
 public:
  /// `model`: the network as it is, whose weights are borrowed; the others must outlive this.
  RandomisedWeights(std::shared_ptr<const ModelData> model,
                    const std::vector<RandomisedStep>& steps, const ExperimentOptions& options)
      : model_(std::move(model)),
        steps_(steps),
        options_(options),
        drawn_(model_->graph.nodes.size()) {}

  /// Those of step `s` drawn anew, and those of the steps before unless each is alone. It must
  /// outlive what it returns, in which these draws are the same memory.
  std::shared_ptr<const ModelData> of(size_t s);
  /// The lowest node whose weights are other than the model's then.
  int first_drawn(size_t s) const;

 private:
  /// The first step whose draws are in step `s`.
  size_t since(size_t s) const;

  std::shared_ptr<const ModelData> model_;
  const std::vector<RandomisedStep>& steps_;
  const ExperimentOptions& options_;
  std::vector<LayerWeights> drawn_;  // by node, empty before it is asked for
};

/// Throws UserError unless maps of both can be compared.
void require_alike(const Model& one, const Model& other);

/// All class scores of an image of the last run.
std::vector<float> scores_of(const SaliencyNet& net, int64_t image);

/// Throws UserError that names the first layer with a feature of the last run's first images that
/// is not finite; `step`: down to which weights were drawn.
void require_finite(const SaliencyNet& net, int64_t images, const std::string& step);

}  // namespace hdecomp
