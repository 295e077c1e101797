/// ForwardPlan: the choice of the device, and a check that both share.
#include "kernels/plan/forward_plan.h"

#include "kernels/core/dispatch.h"
#include "kernels/map/concat.h"

namespace hdecomp {

std::unique_ptr<ForwardPlan> make_forward_plan(const Context& context) {
  return dispatch(context, cpu::make_forward_plan, cuda::make_forward_plan);
}

Shape ForwardPlan::concat_shape(std::span<const int> from) const {
  std::vector<Shape> shapes;
  for (const int step : from) shapes.push_back(shape(step));
  return shape_of_concat(shapes);
}

}  // namespace hdecomp
