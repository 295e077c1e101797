/// keep_cover: the contract's checks and the choice of the device.
#include "kernels/gap/cover.h"

#include "kernels/core/dispatch.h"

namespace hdecomp {

void keep_cover(const Context& context, const Tensor& alpha, double cover, IndexTensor& channels) {
  const Shape &a = alpha.shape(), &c = channels.shape();
  if (a.rank() != 2 || c.rank() != 2 || a[0] != c[0]) {
    throw Error(
        joined("keep_cover: alpha ", a, " and channels ", c, ", expected (d, c) and (d, n)"));
  }
  if (!(cover > 0 && cover <= 1)) {
    throw Error(joined("keep_cover: a share of ", cover, ", expected one above 0, at most 1"));
  }
  dispatch(context, cpu::keep_cover, cuda::keep_cover, alpha, cover, channels);
}

}  // namespace hdecomp
