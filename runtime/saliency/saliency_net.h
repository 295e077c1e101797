/// What saliency methods run on: a planned network whose last forward pass was of the images that
/// they are asked for, or several networks in turn, and the one way from neurons to the pixels.
#pragma once

#include <functional>
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

/// One of several networks, or of several classes of one, through which the same inputs go.
struct SaliencyTurn {
  SaliencyNet net;
  Classes classes;
  /// From this node on it is another network than that of the turn before, over whose executor its
  /// own is: the features below are those, and are not computed again. Behind the last node: the
  /// same network. The first of several turns begins at the pixels whatever stands here.
  int first = pixels_node;
  std::vector<double> scores = {};  // of the images' classes: integrated gradients reads them
};
using Turns = std::span<const SaliencyTurn>;

/// Those of the last run.
std::vector<double> scores_of_run(const SaliencyNet& net, Classes classes);

/// Runs inputs (n, 3, h, w), on the host, through each network and calls body(turn's number) while
/// the features are its own.
void in_turn(Turns turns, const Tensor& inputs, const std::function<void(size_t)>& body);

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
/// them; the second runs the networks on other inputs, made from `images`, (n, 3, h, w) on the
/// host: maps by turn.
SaliencyMaps gradient_maps(SaliencyNet&, Classes, const SaliencyOptions&);
SaliencyMaps gradient_x_input_maps(SaliencyNet&, Classes, const SaliencyOptions&);
SaliencyMaps guided_maps(SaliencyNet&, Classes, const SaliencyOptions&);
SaliencyMaps grad_cam_maps(SaliencyNet&, Classes, const SaliencyOptions&);
SaliencyMaps gap_cam_maps(SaliencyNet&, Classes, const SaliencyOptions&);
SaliencyMaps lrp_maps(SaliencyNet&, Classes, const SaliencyOptions&);
SaliencyMaps gap_maps(SaliencyNet&, Classes, const SaliencyOptions&);

std::vector<SaliencyMaps> smoothgrad_maps(Turns, const Tensor& images, const SaliencyOptions&);
std::vector<SaliencyMaps> integrated_gradients_maps(Turns, const Tensor& images,
                                                    const SaliencyOptions&);

/// The numbers that smoothgrad draws for inputs of `size` numbers, as given_noise holds them.
std::vector<float> smoothgrad_noise(const SaliencyOptions& options, int64_t size);

/// Whether a method leaves the last run's features as they are.
bool keeps_features(SaliencyMethod method);

/// A map for each image by the method that the options name.
SaliencyMaps saliency_maps(SaliencyNet& net, Classes classes, const SaliencyOptions& options);
/// The same of several networks at once, by turn, by a method that does not keep features; the
/// images are those of turns' classes, on the host.
std::vector<SaliencyMaps> sampled_maps(Turns turns, const Tensor& images,
                                       const SaliencyOptions& options);

}  // namespace hdecomp
