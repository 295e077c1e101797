/// U = G g G^T for every kernel g (Lavin and Gray, 2016), in the order of oneDNN's sums: compiled
/// without contraction of products and sums, which rounds once where oneDNN rounds twice.
#include "kernels/conv/winograd_blocks_cpu.h"

#include <cstring>

#include "hdecomp/error.h"

namespace hdecomp::cpu::winograd_weights {

#ifdef __x86_64__

namespace {

constexpr int kernel = 3;

using Wide = float __attribute__((vector_size(64)));
#define HDECOMP_WIDE __attribute__((target("avx512f")))
#define HDECOMP_INLINE inline __attribute__((always_inline))

/// Of Toom and Cook's matrix for the points p and -p beside q and -q: rows that differ in the
/// middle value's sign.
struct Pair {
  float ends, middle, far;

  static constexpr Pair of(double p, double q) {
    const double scale = 1 / (2 * p * p * (p * p - q * q));
    return {static_cast<float>(scale), static_cast<float>(p * scale),
            static_cast<float>(p * p * scale)};
  }
};

/// G g of one row or column, tiles of 4 x 4: of the points 0, 5/8 and -5/8, 3/2 and -3/2, infinity.
struct LargeTiles {
  static constexpr int side = 6;
  static constexpr float first = static_cast<float>(1 / (0.625 * 0.625 * 1.5 * 1.5));
  static constexpr Pair inner = Pair::of(0.625, 1.5), outer = Pair::of(1.5, 0.625);
};

/// The same for tiles of 2 x 2: of the points 0, 1 and -1, infinity.
struct SmallTiles {
  static constexpr int side = 4;
  static constexpr float first = 1;
  static constexpr Pair inner{0.5f, 0.5f, 0.5f};
};

/// (0 + a + b) + c and (0 + a - b) + c, as oneDNN's sums begin: of no values but zeros 0, not -0.
HDECOMP_INLINE void put_pair(const Pair& pair, const Wide* g, Wide* u) {
  const Wide a = g[0] * pair.ends + 0.0f, b = g[1] * pair.middle, c = g[2] * pair.far;
  u[0] = (a + b) + c;
  u[1] = (a - b) + c;
}

template <class Tiles>
HDECOMP_INLINE void transform(const Wide* g, Wide* u) {
  u[0] = g[0] * Tiles::first + 0.0f;
  put_pair(Tiles::inner, g, u + 1);
  if constexpr (Tiles::side == 6) put_pair(Tiles::outer, g, u + 3);
  u[Tiles::side - 1] = g[2] + 0.0f;
}

/// `kernels`: tap by tap, each of sixteen output channels, for an input channel.
template <class Tiles>
HDECOMP_INLINE void transform_kernels(const float* kernels, int64_t step, float* to) {
  constexpr int side = Tiles::side;
  Wide g[taps], rows[kernel * side], column[kernel], u[side];
  std::memcpy(g, kernels, sizeof g);
  for (int i = 0; i < kernel; ++i) transform<Tiles>(g + i * kernel, rows + i * side);
  for (int j = 0; j < side; ++j) {
    for (int i = 0; i < kernel; ++i) column[i] = rows[i * side + j];
    transform<Tiles>(column, u);
    for (int i = 0; i < side; ++i) std::memcpy(to + (i * side + j) * step, &u[i], sizeof u[i]);
  }
}

}  // namespace

bool transforms_here() { return __builtin_cpu_supports("avx512f") != 0; }

HDECOMP_WIDE void transform_large(const Kernels& kernels, const Steps& steps, float* to) {
  for (int64_t i = 0; i < block; ++i) {
    transform_kernels<LargeTiles>(kernels.data() + i * taps * block, steps.position,
                                  to + i * steps.in);
  }
}

HDECOMP_WIDE void transform_small(const Kernels& kernels, const Steps& steps, float* to) {
  for (int64_t i = 0; i < block; ++i) {
    transform_kernels<SmallTiles>(kernels.data() + i * taps * block, steps.position,
                                  to + i * steps.in);
  }
}

#undef HDECOMP_WIDE
#undef HDECOMP_INLINE

#else

bool transforms_here() { return false; }
void transform_large(const Kernels&, const Steps&, float*) { throw Error("no AVX-512"); }
void transform_small(const Kernels&, const Steps&, float*) { throw Error("no AVX-512"); }

#endif

}  // namespace hdecomp::cpu::winograd_weights
