/// A model with channels switched off, as a model.
#include "hdecomp/error.h"
#include "hdecomp/model.h"
#include "nets/layer_names.h"
#include "weights/model/filled_channels.h"

namespace hdecomp {

Model Model::filled(const std::vector<FilledLayer>& layers) const {
  std::vector<FilledNode> nodes;
  for (const FilledLayer& layer : layers) {
    if (layer.values.size() != layer.channels.size()) {
      throw Error(joined(layer.values.size(), " values for ", layer.channels.size(),
                         " channels of layer ", layer.layer));
    }
    nodes.push_back({find_layer(data_->graph, layer.layer), layer.channels, layer.values});
  }
  return Model(with_filled_channels(data_, nodes));
}

}  // namespace hdecomp
