/// U = G g G^T for every kernel g (Lavin and Gray, 2016), in the order of oneDNN's sums: compiled
/// without contraction of products and sums, which rounds once where oneDNN rounds twice.
#include "kernels/conv/winograd_blocks_cpu.h"

#include "hdecomp/error.h"
#include "kernels/loops/winograd_points_cpu.h"

namespace hdecomp::cpu::winograd_weights {

#ifdef __x86_64__

namespace {

using namespace winograd_points;

using Wide = float __attribute__((vector_size(64)));
#define HDECOMP_WIDE __attribute__((target("avx512f")))

}  // namespace

HDECOMP_WIDE void transform_large(const Kernels& kernels, const Steps& steps, float* to) {
  for (int64_t i = 0; i < block; ++i) {
    transform_kernels<LargeTiles, Wide>(kernels.data() + i * taps * block, steps.position,
                                        to + i * steps.in);
  }
}

HDECOMP_WIDE void transform_small(const Kernels& kernels, const Steps& steps, float* to) {
  for (int64_t i = 0; i < block; ++i) {
    transform_kernels<SmallTiles, Wide>(kernels.data() + i * taps * block, steps.position,
                                        to + i * steps.in);
  }
}

#undef HDECOMP_WIDE

#else

void transform_large(const Kernels&, const Steps&, float*) { throw Error("no AVX-512"); }
void transform_small(const Kernels&, const Steps&, float*) { throw Error("no AVX-512"); }

#endif

}  // namespace hdecomp::cpu::winograd_weights
