/// The values that ablated channels are set to.
#include "runtime/ablation/ablation_fills.h"

#include "hdecomp/channel_means.h"
#include "hdecomp/error.h"
#include "kernels/core/copy.h"
#include "kernels/pool/pool.h"
#include "runtime/network/map_means.h"

namespace hdecomp {

std::string to_string(AblationFill fill) {
  switch (fill) {
    case AblationFill::mean:
      return "mean";
    case AblationFill::zero:
      return "zero";
    case AblationFill::data_set:
      return "means";
  }
  throw Error("an unknown fill");
}

namespace {

/// Each channel's mean over `map` (1, C, H, W), which stays where it is.
std::vector<float> means_on_device(const Context& context, BufferPool& pool, const Tensor& map) {
  const int64_t channels = map.shape()[1];
  Tensor means = take_tensor<float>(pool, {1, channels, 1, 1});
  adaptive_avg_pool_forward(context, map, means);
  const Tensor host = on_host(context, means);
  context.finish();
  return {host.data(), host.data() + channels};
}

std::vector<float> own_means(const Context& context, const Executor& executor, int node,
                             int64_t image) {
  if (context.device() != Device{}) {
    return means_on_device(context, executor.pool(),
                           rows(executor.feature(node), image, image + 1));
  }
  const std::vector<double> means = map_means(context, executor, node, image);
  return {means.begin(), means.end()};
}

}  // namespace

std::vector<float> ablation_fills(const Context& context, const Executor& executor,
                                  const AblationQuestion& question, int64_t image) {
  const auto channels = static_cast<size_t>(executor.feature(question.to).shape()[1]);
  switch (question.fill) {
    case AblationFill::zero:
      return std::vector<float>(channels, 0.0f);
    case AblationFill::mean:
      return own_means(context, executor, question.to, image);
    case AblationFill::data_set:
      if (question.means == nullptr) throw Error("the means of a data set are not given");
      if (question.means->of(question.to).size() != channels)
        throw Error("means of another network");
      return question.means->of(question.to);
  }
  throw Error("an unknown fill");
}

}  // namespace hdecomp
