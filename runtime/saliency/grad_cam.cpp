/// Grad-CAM at the last stage's end (Selvaraju et al. 2020; the paper's Eq. 7 and 9):
/// M = sum over k of w_k F_k, w_k = (1 / Z) sum over y, x of G_k; and the sum over channels of
/// gAP's activation maps there (Eq. 11): M = sum over k of G_k * F_k. Where the head is global
/// average pooling and one linear layer G_k is constant over the map, and the two are equal;
/// elsewhere they are not.
#include <algorithm>

#include "hdecomp/error.h"
#include "kernels/core/copy.h"
#include "nets/layer_names.h"
#include "runtime/saliency/saliency_net.h"

namespace hdecomp {
namespace {

/// Features and gradients (n, c, h, w) on the host.
struct LastStage {
  int node = 0;
  Tensor feature, gradient;
};

LastStage last_stage(SaliencyNet& net, Classes classes) {
  const Graph& graph = net.graph();
  if (graph.stage_ends.empty()) throw UserError("the network has no stages: no layer for Grad-CAM");
  LastStage stage{graph.stage_ends.back().node, {}, {}};
  const int64_t images = std::ssize(classes);
  BackwardRule rule(net.context, net.executor);
  const Tensor gradient =
      BackwardPass(net.context, net.executor)
          .run(graph.scores(), score_seeds(classes), stage.node, {0, images}, rule);
  const Tensor feature = rows(net.executor.feature(stage.node), 0, images);
  stage.feature = copied_to({}, net.context, feature);
  stage.gradient = copied_to({}, net.context, gradient);
  return stage;
}

/// A map for each image: the sum over the channels of what add(sums, gradients, features) adds.
template <class Add>
SaliencyMaps summed_maps(SaliencyNet& net, Classes classes, bool relu, Add add) {
  const LastStage stage = last_stage(net, classes);
  const Shape& shape = stage.feature.shape();
  const int64_t area = shape[2] * shape[3];
  SaliencyMaps maps;
  for (int64_t image = 0; image < shape[0]; ++image) {
    std::vector<double> sums(area);
    for (int64_t c = 0; c < shape[1]; ++c) {
      const int64_t at = (image * shape[1] + c) * area;
      add(sums, stage.gradient.span().subspan(at, area), stage.feature.span().subspan(at, area));
    }
    SaliencyMap& map = maps.emplace_back();
    map.layer = layer_label(net.graph(), stage.node);
    map.channels = 1, map.height = shape[2], map.width = shape[3];
    for (const double sum : sums) {
      map.values.push_back(static_cast<float>(relu && sum < 0 ? 0.0 : sum));
    }
  }
  return maps;
}

using Plane = std::span<const float>;

}  // namespace

SaliencyMaps grad_cam_maps(SaliencyNet& net, Classes classes, const SaliencyOptions& options) {
  return summed_maps(net, classes, options.relu,
                     [](std::vector<double>& sums, Plane gradient, Plane feature) {
                       double weight = 0;
                       for (const float g : gradient) weight += g;
                       weight /= static_cast<double>(gradient.size());
                       for (size_t i = 0; i < sums.size(); ++i) sums[i] += weight * feature[i];
                     });
}

SaliencyMaps gap_cam_maps(SaliencyNet& net, Classes classes, const SaliencyOptions& options) {
  return summed_maps(net, classes, options.relu,
                     [](std::vector<double>& sums, Plane gradient, Plane feature) {
                       for (size_t i = 0; i < sums.size(); ++i) {
                         sums[i] += double{gradient[i]} * double{feature[i]};
                       }
                     });
}

}  // namespace hdecomp
