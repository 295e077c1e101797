/// The fake cuBLAS and cuDNN are always there: nothing to load.
#include "kernels/core/cuda_libraries.h"

namespace hdecomp::cuda {

bool libraries_found() noexcept { return true; }
void require_libraries() {}

}  // namespace hdecomp::cuda
