/// Concat against hand-worked values and plane by plane, on every device.
#include "kernels/map/concat.h"

#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {
namespace {

class ConcatTest : public OnDevice {
 protected:
  Tensor concat(const std::vector<Tensor>& inputs) const {
    std::vector<Tensor> there;
    std::vector<const Tensor*> list;
    std::vector<Shape> shapes;
    for (const Tensor& x : inputs) {
      there.push_back(to_device(x));
      shapes.push_back(x.shape());
    }
    for (const Tensor& x : there) list.push_back(&x);
    Tensor y = empty(shape_of_concat(shapes));
    concat_forward(context(), list, y);
    return to_host(y);
  }
};
INSTANTIATE_TEST_SUITE_P(Devices, ConcatTest, ::testing::ValuesIn(test_devices()), device_name);

TEST_P(ConcatTest, PutsChannelsSideBySideImageByImage) {
  std::vector<Tensor> inputs;
  inputs.push_back(floats({2, 1, 1, 2}, {1, 2, 3, 4}));
  inputs.push_back(floats({2, 2, 1, 2}, {5, 6, 7, 8, 9, 10, 11, 12}));
  EXPECT_TRUE(
      same_bits(concat(inputs), floats({2, 3, 1, 2}, {1, 2, 5, 6, 7, 8, 3, 4, 9, 10, 11, 12})));
}

TEST_P(ConcatTest, EveryPlaneIsItsInputs) {
  std::vector<Tensor> inputs;
  for (const int64_t channels : {5, 1, 64, 3}) {
    inputs.push_back(random_tensor({3, channels, 13, 7}, static_cast<uint64_t>(channels)));
  }
  const Tensor y = concat(inputs);
  ASSERT_EQ(y.shape(), Shape({3, 73, 13, 7}));
  for (int64_t image = 0; image < 3; ++image) {
    int64_t channel = 0;
    for (const Tensor& x : inputs) {
      const int64_t size = x.elements() / 3;
      EXPECT_TRUE(std::equal(x.data() + image * size, x.data() + (image + 1) * size,
                             y.data() + (image * 73 + channel) * 13 * 7));
      channel += x.shape()[1];
    }
  }
}

TEST_P(ConcatTest, OtherExtentsAreRefused) {
  const Tensor a = empty({1, 2, 3, 3}), b = empty({1, 2, 3, 4});
  Tensor y = empty({1, 4, 3, 3});
  EXPECT_THROW(concat_forward(context(), std::vector<const Tensor*>{&a, &b}, y), Error);
  EXPECT_THROW(concat_forward(context(), std::vector<const Tensor*>{&a}, y), Error);
  EXPECT_THROW(concat_forward(context(), std::vector<const Tensor*>{}, y), Error);
}

}  // namespace
}  // namespace hdecomp::op_testing
