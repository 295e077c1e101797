/// Activations' gradient and add on the CPU.
#include "kernels/map/elementwise.h"

#include "kernels/map/fill_cpu.h"

namespace hdecomp::cpu {
void activation_backward(const Context& context, Activation activation, const Tensor& y,
                         const Tensor& dy, Tensor& dx) {
  const float* feature = y.data();
  const float* in = dy.data();
  with_constant(activation, [&](auto kind) {
    fill(context, dx, [=](int64_t i) {
      const float value = in[i];  // read in any case: no branch, which chance would decide
      return passes(kind, feature[i]) ? value : 0.0f;
    });
  });
}

void add_forward(const Context& context, const Tensor& a, const Tensor& b, Activation activation,
                 Tensor& y) {
  const float* first = a.data();
  const float* second = b.data();
  with_constant(activation, [&](auto kind) {
    fill(context, y, [=](int64_t i) { return activated(kind, first[i] + second[i]); });
  });
}

}  // namespace hdecomp::cpu
