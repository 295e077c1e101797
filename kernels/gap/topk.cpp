/// topk: the contract's checks and the choice of the device.
#include "kernels/gap/topk.h"

#include "kernels/core/dispatch.h"

namespace hdecomp {

void topk(const Context& context, const Tensor& alpha, IndexTensor& channels) {
  const Shape &a = alpha.shape(), &c = channels.shape();
  if (a.rank() != 2 || c.rank() != 2 || a[0] != c[0] || c[1] < 1) {
    throw Error(joined("topk: alpha ", a, " and channels ", c, ", expected (d, c) and (d, n)"));
  }
  dispatch(context, cpu::topk, cuda::topk, alpha, channels);
}

}  // namespace hdecomp
