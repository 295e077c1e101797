/// Copying weights to a device.
#include "weights/model/device_model.h"

#include "kernels/core/copy.h"

namespace hdecomp {
namespace {

Tensor copied(const Context& context, const Tensor& tensor) {
  if (tensor.data() == nullptr) return {};
  Tensor to(context.device(), tensor.shape());
  copy(context, tensor, to);
  return to;
}

std::shared_ptr<const ModelData> copied(const Context& context, const ModelData& model) {
  auto there = std::make_shared<ModelData>();
  there->params = model.params;
  there->preprocess = model.preprocess;
  there->classes = model.classes;
  there->wnids = model.wnids;
  there->source = model.source;
  there->graph = model.graph;
  for (const LayerWeights& layer : model.layers) {
    there->layers.push_back({copied(context, layer.weight), copied(context, layer.bias)});
  }
  context.finish();
  return there;
}

}  // namespace

std::shared_ptr<const ModelData> on_device(const Context& context,
                                           std::shared_ptr<const ModelData> model) {
  if (context.device() == Device{}) return model;
  return model->copies->get(context.device().index, [&] { return copied(context, *model); });
}

}  // namespace hdecomp
