/// Activations' gradient and add on a GPU: four floats per thread where every array is 16-byte
/// aligned.
#include "kernels/core/context_cuda.h"
#include "kernels/core/full_grid.cuh"
#include "kernels/core/lanes.cuh"
#include "kernels/core/quads_device.cuh"
#include "kernels/map/elementwise.h"

namespace hdecomp::cuda {
namespace {

template <Activation kind>
struct Gradient {
  __device__ float operator()(float y, float dy) const { return passes(kind, y) ? dy : 0.0f; }
};
template <Activation kind>
struct Add {
  __device__ float operator()(float a, float b) const { return activated(kind, a + b); }
};

template <class Op, class... Quads>
__device__ float4 on_quads(Op op, const Quads&... in) {
  return make_float4(op(in.x...), op(in.y...), op(in.z...), op(in.w...));
}

/// out[i] = Op(in[i]...): `quads` threads take four elements each, the further ones of `threads`
/// one each. `out` may be one of `in`.
template <class Op, class... In>
__global__ void __launch_bounds__(block_threads)
    map_elements(int64_t quads, int64_t threads, float* out, const In*... in) {
  const int64_t i = int64_t{blockIdx.x} * block_threads + threadIdx.x;
  if (i < quads) {
    reinterpret_cast<float4*>(out)[i] = on_quads(Op{}, reinterpret_cast<const float4*>(in)[i]...);
  } else if (i < threads) {
    out[i + 3 * quads] = Op{}(in[i + 3 * quads]...);
  }
}

template <class Op, class... In>
void map(const Context& context, const char* name, Tensor& out, const In*... in) {
  const int64_t n = out.elements();
  if (n == 0) return;
  const int64_t quads = (is_aligned(out.data()) && ... && is_aligned(in)) ? n / 4 : 0;
  const int64_t threads = n - 3 * quads;
  launch(context.cuda().stream(), name, map_elements<Op, In...>, full_grid(threads, block_threads),
         quads, threads, out.data(), in...);
}

}  // namespace

void activation_backward(const Context& context, Activation activation, const Tensor& y,
                         const Tensor& dy, Tensor& dx) {
  with_constant(activation, [&](auto kind) {
    map<Gradient<kind()>>(context, "activation_backward", dx, y.data(), dy.data());
  });
}

void add_forward(const Context& context, const Tensor& a, const Tensor& b, Activation activation,
                 Tensor& y) {
  with_constant(activation,
                [&](auto kind) { map<Add<kind()>>(context, "add", y, a.data(), b.data()); });
}

}  // namespace hdecomp::cuda
