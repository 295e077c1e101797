/// A network's description without its graph, and views of its weights.
#include "weights/model/borrowed_model.h"

namespace hdecomp {

std::shared_ptr<ModelData> described_as(const std::shared_ptr<const ModelData>& model) {
  auto result = std::make_shared<ModelData>();
  result->params = model->params;
  result->preprocess = model->preprocess;
  result->classes = model->classes;
  result->wnids = model->wnids;
  result->source = model->source;
  result->other_side = model->other_side;
  result->weights_of = model;
  result->can_be_saved = false;
  result->store = model->store;
  return result;
}

LayerWeights borrowed(const LayerWeights& layer) {
  return {borrowed(layer.weight), borrowed(layer.bias)};
}

}  // namespace hdecomp
