/// The gradient of a class score to the pixels, and its like:
/// gradient G = dF/dx (Simonyan, Vedaldi and Zisserman 2014); gradient x input G * x (Shrikumar,
/// Greenside and Kundaje 2017); guided backpropagation, G with what is negative stopped at every
/// ReLU (Springenberg et al. 2015).
#include "runtime/saliency/saliency_net.h"

namespace hdecomp {

SaliencyMaps gradient_maps(SaliencyNet& net, Classes classes, const SaliencyOptions&) {
  BackwardRule rule(net.context, net.executor);
  return pixel_maps(scores_to_pixels(net, classes, rule));
}

SaliencyMaps gradient_x_input_maps(SaliencyNet& net, Classes classes, const SaliencyOptions&) {
  BackwardRule rule(net.context, net.executor);
  Tensor values = scores_to_pixels(net, classes, rule);
  const Tensor input = input_of_run(net, std::ssize(classes));
  for (int64_t i = 0; i < values.elements(); ++i) values.data()[i] *= input.data()[i];
  return pixel_maps(values);
}

SaliencyMaps guided_maps(SaliencyNet& net, Classes classes, const SaliencyOptions&) {
  GuidedRule rule(net.context, net.executor);
  return pixel_maps(scores_to_pixels(net, classes, rule));
}

}  // namespace hdecomp
