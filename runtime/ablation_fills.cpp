/// The values that ablated channels are set to.
#include "runtime/ablation_fills.h"

#include <numeric>

#include "hdecomp/channel_means.h"
#include "hdecomp/error.h"
#include "kernels/core/copy.h"
#include "kernels/core/parallel.h"

namespace hdecomp {

std::vector<double> map_means(const Context& context, const Executor& executor, int node,
                              int64_t image) {
  const Tensor map = on_host(context, rows(executor.feature(node), image, image + 1));
  context.finish();
  const int64_t channels = map.shape()[1], area = map.shape()[2] * map.shape()[3];
  std::vector<double> means(channels);
  parallel_for(context, channels, [&](int64_t c) {
    const float* plane = map.data() + c * area;
    means[c] = std::accumulate(plane, plane + area, 0.0) / static_cast<double>(area);
  });
  return means;
}

std::vector<float> ablation_fills(const Context& context, const Executor& executor,
                                  const AblationPlan& plan, int64_t image) {
  const auto channels = static_cast<size_t>(executor.feature(plan.to).shape()[1]);
  switch (plan.fill) {
    case AblationFill::zero:
      return std::vector<float>(channels, 0.0f);
    case AblationFill::mean: {
      const std::vector<double> means = map_means(context, executor, plan.to, image);
      return {means.begin(), means.end()};
    }
    case AblationFill::data_set:
      if (plan.means == nullptr) throw Error("the means of a data set are not given");
      if (plan.means->of(plan.to).size() != channels) throw Error("means of another network");
      return plan.means->of(plan.to);
  }
  throw Error("an unknown fill");
}

}  // namespace hdecomp
