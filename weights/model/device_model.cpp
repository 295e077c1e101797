/// Copying weights to a device.
#include "weights/model/device_model.h"

#include "kernels/core/copy.h"
#include "kernels/product/narrow_weights_cpu.h"
#include "weights/file/mapped_floats.h"
#include "weights/model/borrowed_model.h"

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

/// Among a model's copies, in place of a GPU's number.
constexpr int narrow_on_cpu = -1;

/// A model and what is kept in bf16 of its weights.
struct NarrowModel {
  std::shared_ptr<ModelData> model;
  std::vector<std::shared_ptr<const NarrowWeight>> kept;
};

/// The same weights, those of linear layers also in bf16: as they are read there from now on, the
/// pages of their floats may go.
std::shared_ptr<const ModelData> with_narrow(const Context& context,
                                             const std::shared_ptr<const ModelData>& model) {
  const auto narrow = std::make_shared<NarrowModel>();
  narrow->model = described_as(model);
  ModelData* const there = narrow->model.get();
  there->graph = model->graph;
  for (size_t i = 0; i < model->layers.size(); ++i) {
    const LayerWeights& layer = model->layers[i];
    there->layers.push_back(borrowed(layer));
    if (model->graph.nodes[i].op != Op::linear) continue;
    narrow->kept.push_back(keep_narrow(context, layer.weight, let_go));
  }
  return {narrow, there};
}

}  // namespace

std::shared_ptr<const ModelData> on_device(const Context& context,
                                           std::shared_ptr<const ModelData> model) {
  if (context.device() == Device{}) {
    if (context.precision() == Precision::float32) return model;
    return model->copies->get(narrow_on_cpu, [&] { return with_narrow(context, model); });
  }
  return model->copies->get(context.device().index, [&] { return copied(context, *model); });
}

}  // namespace hdecomp
