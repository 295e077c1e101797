/// In which order a network's weights are drawn anew, and which of them together.
#pragma once

#include <string>
#include <vector>

#include "hdecomp/experiment.h"
#include "nets/graph.h"

namespace hdecomp {

struct RandomisedStep {
  std::string name;        // of the layer or the block
  std::vector<int> nodes;  // rising
};

/// From the image up, each layer with weights once. By layer a shortcut's convolution
/// ("downsample") is drawn with its block's last one; by block all layers of one name up to the
/// last dot
/// ("layer4.1"), or of VGG up to the underscore ("conv5").
std::vector<RandomisedStep> randomised_steps(const Graph& graph, RandomiseUnit unit);

}  // namespace hdecomp
