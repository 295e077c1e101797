/// Stands in for the CUDA parts of the benchmarks in a build without the backend.
#include "bench/kernel_bench.h"
#include "hdecomp/error.h"

namespace hdecomp {

std::unique_ptr<OpTimer> cuda::make_op_timer(const Context&) {
  throw Error("this build has no CUDA backend");
}

void add_cuda_ops(OpList&) {}

}  // namespace hdecomp
