/// root_decisions: the contract's checks and the choice of the device.
#include "kernels/gap/root_decisions.h"

#include "kernels/core/dispatch.h"

namespace hdecomp {

void root_decisions(const Context& context, const Tensor& scores, int64_t asked, int64_t images,
                    PlaceTensor& roots) {
  const Shape& s = scores.shape();
  if (s.rank() != 2 || s[1] < 1)
    throw Error(joined("root_decisions: scores ", s, ", expected (b, k)"));
  require_shape("root_decisions", "roots", roots.shape(), {s[0]});
  if (asked >= s[1]) throw Error(joined("root_decisions: class ", asked, " of ", s[1]));
  if (images < 0 || images > s[0]) {
    throw Error(joined("root_decisions: ", images, " images of ", s[0]));
  }
  dispatch(context, cpu::root_decisions, cuda::root_decisions, scores, asked, images, roots);
}

}  // namespace hdecomp
