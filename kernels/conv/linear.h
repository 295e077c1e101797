/// Fully connected layer with bias and an activation; its gradient to the input.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "kernels/core/activation.h"
#include "kernels/core/context.h"
#include "kernels/core/tensor.h"

namespace hdecomp {

struct LinearSpec {
  int64_t batch = 1, in_units = 0, out_units = 0;
  Activation activation = Activation::none;
  std::string layer = {};  // for errors
  // The inputs are variants of one: on the CPU units that are zero in all are left out, and what
  // an input comes to has other last bits in another batch.
  bool variants = false;
};

/// A planned linear layer. Inputs and outputs may have any shape of `batch` times the unit count:
/// an (n, c, h, w) map is read as (n, c * h * w), torch.flatten's order.
class Linear {
 public:
  virtual ~Linear() = default;

  /// y = activation(x weight^T + bias): (batch, in) to (batch, out).
  void forward(const Tensor& x, Tensor& y);
  /// dx = dy weight: (batch, out) to (batch, in); dy must already be masked by the activation.
  void backward_data(const Tensor& dy, Tensor& dx);

  const LinearSpec& spec() const { return spec_; }

 protected:
  explicit Linear(const LinearSpec& spec) : spec_(spec) {}

 private:
  virtual void run_forward(const Tensor& x, Tensor& y) = 0;
  virtual void run_backward_data(const Tensor& dy, Tensor& dx) = 0;

  LinearSpec spec_;
};

/// `weight` (out, in) and `bias` (out) are used where they lie, never copied; they and the context
/// must outlive the plan. Throws Error if the extents do not fit.
std::unique_ptr<Linear> make_linear(const Context& context, const LinearSpec& spec,
                                    const Tensor& weight, const Tensor& bias);

namespace cpu {
std::unique_ptr<Linear> make_linear(const Context& context, const LinearSpec& spec,
                                    const Tensor& weight, const Tensor& bias);
}
namespace cuda {
std::unique_ptr<Linear> make_linear(const Context& context, const LinearSpec& spec,
                                    const Tensor& weight, const Tensor& bias);
}

}  // namespace hdecomp
