/// find_peaks: the contract's checks and the choice of the device.
#include "kernels/map/peaks.h"

#include "kernels/core/dispatch.h"

namespace hdecomp {

void find_peaks(const Context& context, const TensorOf<PeakSource>& sources, Tensor& peaks) {
  if (sources.shape().rank() != 1) throw Error(joined("find_peaks: sources ", sources.shape()));
  require_shape("find_peaks", "peaks", peaks.shape(), sources.shape());
  dispatch(context, cpu::find_peaks, cuda::find_peaks, sources, peaks);
}

}  // namespace hdecomp
