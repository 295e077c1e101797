/// Means of channels over a data set, read from a file.
#include "hdecomp/channel_means.h"

#include "hdecomp/error.h"
#include "runtime/ablation/means_file.h"
#include "weights/file/sha256.h"
#include "weights/model/versus.h"

namespace hdecomp {

std::shared_ptr<const ChannelMeans> ChannelMeans::load(const std::string& path, const Model& model,
                                                       const std::string& model_sha256) {
  const MeansFile content =
      read_means(path, model.data()->graph, own_scores(*model.data()), model_sha256);
  ChannelMeans result;
  result.images_ = content.images;
  result.sha256_ = sha256_of_file(path);
  for (const std::vector<double>& layer : content.means) {
    result.means_.emplace_back(layer.begin(), layer.end());
  }
  return std::make_shared<const ChannelMeans>(std::move(result));
}

const std::vector<float>& ChannelMeans::of(size_t layer) const {
  if (layer < means_.size()) return means_[layer];
  throw Error(
      joined("no means of layer ", layer, "; there are ", means_.size(), " layers with means"));
}

}  // namespace hdecomp
