/// A cell op on each device: its forward pass, and its gradients over whole windows.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "kernels/cell/cell_ops.h"
#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {

/// An op with the weights that it reads, on the host.
struct Case {
  CellOp op;
  Tensor weight = {}, bias = {};
  Shape out;
};

class CellOps : public OnDevice {
 protected:
  Tensor forward(const Case& c, const std::vector<const Tensor*>& inputs) const {
    return forward_on(context(), c, inputs);
  }

  static Tensor forward_on(const Context& context, const Case& c,
                           const std::vector<const Tensor*>& inputs) {
    std::vector<Tensor> there;
    for (const Tensor* input : inputs) {
      there.push_back(copied_to(context.device(), context, *input));
    }
    std::vector<const Tensor*> pointers;
    for (const Tensor& tensor : there) pointers.push_back(&tensor);
    const Tensor weight = there_or_none(context, c.weight), bias = there_or_none(context, c.bias);
    Tensor y(context.device(), c.out);
    Tensor scratch(context.device(), {std::max<int64_t>(cell_scratch(c.op, c.out), 1)});
    cell_forward(context, c.op, pointers, or_null(weight), or_null(bias), scratch, y);
    return copied_to(Device{}, context, y);
  }

  /// Of one image's dy (1, c, h, w) to input `which`, over whole windows.
  Tensor gradient(const Case& c, const std::vector<const Tensor*>& inputs, size_t which,
                  const Tensor& dy) const {
    std::vector<Tensor> there;
    for (const Tensor* input : inputs) there.push_back(to_device(*input));
    std::vector<const Tensor*> features;
    for (const Tensor& tensor : there) features.push_back(&tensor);
    const PlaceTensor places = to_device(tensor_of(Shape{1}, std::vector{Place{}}));
    const Tensor dy_there = to_device(dy), weight = there_or_none(context(), c.weight);
    const auto whole = [&](const Shape& shape) {
      WindowBatch batch;
      batch.window = whole_window(shape[2], shape[3]);
      batch.places = {places.data(), 1};
      batch.channels = shape[1];
      batch.pool = std::make_shared<BufferPool>(GetParam());
      return batch;
    };
    WindowBatch above = whole(dy.shape()), below = whole(inputs[which]->shape());
    above.data = Tensor(GetParam(), {dy.shape()[1], 1, dy.shape()[2], dy.shape()[3]},
                        const_cast<float*>(dy_there.data()));
    take_data(below);
    cell_window_backward(context(), c.op, which, features, or_null(weight), above, {below});
    context().finish();
    const Tensor host = to_host(below.data);
    Tensor result({}, inputs[which]->shape());
    std::ranges::copy(host.span(), result.data());
    return result;
  }

  /// Central differences of the CPU's forward pass, of every input.
  void check_gradients(const Case& c, const std::vector<const Tensor*>& inputs, float step,
                       double tolerance) {
    const Tensor dy = random_tensor(c.out, 9);
    for (size_t which = 0; which < inputs.size(); ++which) {
      SCOPED_TRACE(joined("input ", which));
      const HostOp op = [&](const Tensor& x) {
        std::vector<const Tensor*> changed = inputs;
        changed[which] = &x;
        return forward_on(cpu_, c, changed);
      };
      EXPECT_TRUE(
          is_gradient(gradient(c, inputs, which, dy), op, *inputs[which], dy, step, tolerance));
    }
    EXPECT_TRUE(near(forward(c, inputs), forward_on(cpu_, c, inputs), tolerance::few_roundings));
  }

 private:
  static Tensor there_or_none(const Context& context, const Tensor& tensor) {
    if (tensor.data() == nullptr) return {};
    return copied_to(context.device(), context, tensor);
  }
  static const Tensor* or_null(const Tensor& tensor) {
    return tensor.data() == nullptr ? nullptr : &tensor;
  }

  Context cpu_{Device{}, 2};
};

}  // namespace hdecomp::op_testing
