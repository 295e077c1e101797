/// Explainer: photographs in, what each pixel is to a class score out.
#include "hdecomp/error.h"
#include "hdecomp/stopped.h"
#include "runtime/explain/decide.h"
#include "runtime/explain/explainer_impl.h"
#include "runtime/saliency/saliency_net.h"

namespace hdecomp {

SaliencyMap Explainer::saliency(const Image& image, const SaliencyOptions& options) {
  return std::move(saliency_batch({&image, 1}, options).front());
}

std::vector<SaliencyMap> Explainer::saliency_batch(std::span<const Image> images,
                                                   const SaliencyOptions& options) {
  model().require_classes();
  check_saliency(options);
  end_if_stopped(options.stop);
  impl_->require_none_begun();
  const int64_t asked = asked_class(model(), options.target);
  if (images.empty()) return {};
  impl_->require_batch(images);
  NetworkRunner& network = impl_->network;
  const std::vector<ClassScore> decisions = choose(network, images, asked);
  std::vector<int64_t> classes;
  for (const ClassScore& decision : decisions) classes.push_back(decision.index);
  SaliencyNet net = network.saliency();
  if (!keeps_features(options.method)) network.forget();
  std::vector<SaliencyMap> maps = saliency_maps(net, classes, options);
  for (size_t i = 0; i < maps.size(); ++i) maps[i].decision = decisions[i];
  return maps;
}

}  // namespace hdecomp
