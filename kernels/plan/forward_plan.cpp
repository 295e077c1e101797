/// ForwardPlan: the choice of the device, and a check that both share.
#include "kernels/plan/forward_plan.h"

#include "kernels/core/dispatch.h"
#include "kernels/map/concat.h"

namespace hdecomp {

std::unique_ptr<ForwardPlan> make_forward_plan(const Context& context, WeightStore* store) {
  const auto on_cpu = [store](const Context& cpu) { return cpu::make_forward_plan(cpu, store); };
  return dispatch(context, on_cpu, cuda::make_forward_plan);
}

namespace {

[[noreturn]] void throw_not_laid() { throw Error("the plan has no layouts of its own"); }

}  // namespace

void ForwardPlan::run_from(int, int64_t) { throw Error("the plan runs all of its steps"); }

Tensor ForwardPlan::laid(int, int64_t) const { throw_not_laid(); }
void ForwardPlan::lay(int, const Tensor&, Tensor&) const { throw_not_laid(); }
void ForwardPlan::unlay(int, const Tensor&, Tensor&) const { throw_not_laid(); }
void ForwardPlan::run_laid(int, std::span<const Tensor>, Tensor&) const { throw_not_laid(); }
void ForwardPlan::carry(int, int64_t, const Tensor&, Activation, Tensor&) const {
  throw_not_laid();
}

Shape ForwardPlan::concat_shape(std::span<const int> from) const {
  std::vector<Shape> shapes;
  for (const int step : from) shapes.push_back(shape(step));
  return shape_of_concat(shapes);
}

}  // namespace hdecomp
