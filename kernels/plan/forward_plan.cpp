/// ForwardPlan: the choice of the device.
#include "kernels/plan/forward_plan.h"

#include "kernels/core/dispatch.h"

namespace hdecomp {

std::unique_ptr<ForwardPlan> make_forward_plan(const Context& context) {
  return dispatch(context, cpu::make_forward_plan, cuda::make_forward_plan);
}

}  // namespace hdecomp
