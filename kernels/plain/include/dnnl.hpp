/// The part of oneDNN's interface that these kernels use, on plain float32 code: what is included
/// as dnnl.hpp in a build with HDECOMP_ONEDNN=OFF.
///
/// Only names and meanings are oneDNN's. A description that is asked for what is not here throws
/// dnnl::error, as there. Maps of convolutions lie channels last; results are the same bits for any
/// thread count.
#pragma once

#include "kernels/plain/primitives.h"

enum dnnl_cpu_isa_t { dnnl_cpu_isa_avx2 = 1, dnnl_cpu_isa_avx512_core = 3 };

/// Not the processor's: that there are no kernels for maps in blocks of 16 channels, which is what
/// AVX-512 would promise.
inline dnnl_cpu_isa_t dnnl_get_effective_cpu_isa() { return dnnl_cpu_isa_avx2; }

namespace dnnl {

enum class cpu_isa { avx2 = dnnl_cpu_isa_avx2, avx512_core = dnnl_cpu_isa_avx512_core };
inline cpu_isa get_effective_cpu_isa() {
  return static_cast<cpu_isa>(dnnl_get_effective_cpu_isa());
}

}  // namespace dnnl
