/// Baselines: the contract's checks and the choice of the device.
#include "kernels/gap/baselines.h"

#include "kernels/core/dispatch.h"

namespace hdecomp {

void subtract_baselines(const Context& context, const Tensor& feature, const Tensor* means,
                        Baselines& baselines, Tensor& above) {
  const Shape& f = feature.shape();
  if (f.rank() != 4) throw Error(joined("subtract_baselines: feature has shape ", f));
  require_shape("subtract_baselines", "above", above.shape(), f);
  require_shape("subtract_baselines", "values", baselines.values.shape(), {f[0], f[1]});
  require_shape("subtract_baselines", "magnitudes", baselines.magnitudes.shape(), {f[0], f[1]});
  if (means != nullptr) require_shape("subtract_baselines", "means", means->shape(), {f[1]});
  if (f.elements() == 0) return;
  dispatch(context, cpu::subtract_baselines, cuda::subtract_baselines, feature, means, baselines,
           above);
}

void clear_rounding(const Context& context, std::span<const Place> places,
                    const Baselines& baselines, const Tensor& mean_gradient, Tensor& alpha) {
  const Shape& magnitudes = baselines.magnitudes.shape();
  if (magnitudes.rank() != 2) throw Error(joined("clear_rounding: magnitudes ", magnitudes));
  require_shape("clear_rounding", "alpha", alpha.shape(), {std::ssize(places), magnitudes[1]});
  require_shape("clear_rounding", "mean_gradient", mean_gradient.shape(), alpha.shape());
  if (alpha.elements() == 0) return;
  dispatch(context, cpu::clear_rounding, cuda::clear_rounding, places, baselines, mean_gradient,
           alpha);
}

}  // namespace hdecomp
