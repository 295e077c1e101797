/// What saliency methods run on: a planned network whose last forward pass was of the images that
/// they are asked for, and the one way from neurons to the pixels.
#pragma once

#include <span>
#include <vector>

#include "hdecomp/saliency.h"
#include "runtime/network/backward_pass.h"
#include "runtime/network/window_executor.h"

namespace hdecomp {

/// The image node.
constexpr int pixels_node = 0;

struct SaliencyNet {
  const Context& context;
  const ModelData& model;  // on the context's device
  Executor& executor;
  WindowExecutor& windows;

  const Graph& graph() const { return model.graph; }
};

/// A map for each image, in order; `values`, extent and what belongs to the method are set.
using SaliencyMaps = std::vector<SaliencyMap>;

/// The images of the executor's last run, and the class of each.
using Classes = std::span<const int64_t>;

/// Neurons of layer `from` down to the input of the last run's first images, (images, 3, h, w) on
/// the host.
Tensor to_pixels(SaliencyNet& net, int from, const std::vector<Seed>& seeds, int64_t images,
                 BackwardRule& rule);

/// The same from each image's class score.
Tensor scores_to_pixels(SaliencyNet& net, Classes classes, BackwardRule& rule);

/// A seed per image: its class's score.
std::vector<Seed> score_seeds(Classes classes);

/// The input of the last run's first images, (images, 3, h, w), a copy on the host.
Tensor input_of_run(const SaliencyNet& net, int64_t images);

/// Maps of the input out of (images, 3, h, w).
SaliencyMaps pixel_maps(const Tensor& values);

/// Inputs (n, 3, h, w), on the host, through the network; n at most the executor's batch.
void run_inputs(SaliencyNet& net, const Tensor& inputs);

/// The methods, each in a file of its own. The first group reads the last run's features and leaves
/// them; the second runs the network on other inputs.
SaliencyMaps gradient_maps(SaliencyNet&, Classes, const SaliencyOptions&);
SaliencyMaps gradient_x_input_maps(SaliencyNet&, Classes, const SaliencyOptions&);
SaliencyMaps guided_maps(SaliencyNet&, Classes, const SaliencyOptions&);
SaliencyMaps grad_cam_maps(SaliencyNet&, Classes, const SaliencyOptions&);
SaliencyMaps gap_cam_maps(SaliencyNet&, Classes, const SaliencyOptions&);
SaliencyMaps lrp_maps(SaliencyNet&, Classes, const SaliencyOptions&);
SaliencyMaps gap_maps(SaliencyNet&, Classes, const SaliencyOptions&);

SaliencyMaps smoothgrad_maps(SaliencyNet&, Classes, const SaliencyOptions&);
SaliencyMaps integrated_gradients_maps(SaliencyNet&, Classes, const SaliencyOptions&);

/// The numbers that smoothgrad draws for inputs of `size` numbers, as given_noise holds them.
std::vector<float> smoothgrad_noise(const SaliencyOptions& options, int64_t size);

/// Whether a method leaves the last run's features as they are.
bool keeps_features(SaliencyMethod method);

/// A map for each image by the method that the options name.
SaliencyMaps saliency_maps(SaliencyNet& net, Classes classes, const SaliencyOptions& options);

}  // namespace hdecomp
