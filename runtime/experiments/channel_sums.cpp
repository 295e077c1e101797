/// Means of channels over a data set, made of the features of its images.
#include <algorithm>

#include "hdecomp/channel_means.h"
#include "hdecomp/error.h"
#include "runtime/ablation/means_file.h"
#include "runtime/explain/network_runner.h"
#include "runtime/network/map_means.h"

namespace hdecomp {

struct ChannelSums::Impl {
  Impl(Model model, const EngineOptions& options)
      : network(std::move(model), options), sums(graph().scores()) {
    for (size_t i = 0; i < sums.size(); ++i) sums[i].resize(graph().shapes[i].channels);
  }

  const Graph& graph() const { return network.graph(); }

  /// Adds an image of the last run; why not, if it does not count.
  std::string add(int64_t image, const Image& photo) {
    try {
      network.require_finite(network.last_run(), image, photo);
    } catch (const ImageError& fault) {
      return fault.what();
    }
    std::vector<std::vector<double>> means;
    for (int i = 0; i < graph().scores(); ++i) {
      means.push_back(map_means(network.context, network.executor, i, image));
    }
    for (size_t i = 0; i < sums.size(); ++i) {
      std::ranges::transform(sums[i], means[i], sums[i].begin(), std::plus());
    }
    ++images;
    return "";
  }

  NetworkRunner network;
  std::vector<std::vector<double>> sums;  // of the images' means; one per node but the scores
  int64_t images = 0;
};

ChannelSums::ChannelSums(Model model, const EngineOptions& engine)
    : impl_(std::make_unique<Impl>(std::move(model), engine)) {}
ChannelSums::~ChannelSums() = default;
ChannelSums::ChannelSums(ChannelSums&&) noexcept = default;
ChannelSums& ChannelSums::operator=(ChannelSums&&) noexcept = default;

const Model& ChannelSums::model() const { return impl_->network.model; }
int ChannelSums::batch() const { return static_cast<int>(impl_->network.executor.batch()); }
int64_t ChannelSums::images() const { return impl_->images; }

std::vector<std::string> ChannelSums::add(std::span<const Image> images) {
  if (images.empty()) return {};
  if (std::ssize(images) > batch())
    throw Error(joined(images.size(), " images, made for ", batch()));
  impl_->network.forward(images);
  std::vector<std::string> faults;
  for (int64_t i = 0; i < std::ssize(images); ++i) faults.push_back(impl_->add(i, images[i]));
  return faults;
}

void ChannelSums::save(const std::string& path, const std::string& model_sha256) const {
  if (impl_->images == 0) throw Error("means of no image");
  MeansFile content{model_sha256, impl_->images, impl_->sums};
  for (std::vector<double>& layer : content.means) {
    for (double& value : layer) value /= static_cast<double>(impl_->images);
  }
  write_means(path, impl_->graph(), content);
}

}  // namespace hdecomp
