/// The neurons of a level as small pictures, each as close as their receptive fields are small.
#pragma once

#include "hdecomp/image.h"
#include "hdecomp/model.h"
#include "runtime/report/heat_map.h"
#include "runtime/report/tree_neurons.h"

namespace hdecomp {

class CloseUps {
 public:
  /// Pictures of `size` of some of these neurons, one level's. All given must outlive it.
  CloseUps(const Image& photo, const Model& model, const std::vector<TreeNeuron>& level,
           const PixelSize& size, Colours colours = Colours::jet);

  /// How many times closer than the whole view: the largest receptive field takes a third of a
  /// picture, but not closer than five times.
  double zoom() const { return zoom_; }
  /// The neuron's map over its part of the photograph. Throws Error if the node keeps no map.
  Image draw(const TreeNeuron& neuron) const;

 private:
  const Image& photo_;
  const Model& model_;
  PixelSize size_;
  Colours colours_;
  double zoom_ = 1;
  Image whole_;  // where it is not closer
};

}  // namespace hdecomp
