/// Softmax against hand-worked values and PyTorch.
#include "kernels/map/softmax.h"

#include "tests/support/golden_file.h"
#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {
namespace {

class SoftmaxTest : public OnDevice {
 protected:
  Tensor softmax(const Tensor& x) const {
    Tensor y = empty(x.shape());
    softmax_forward(context(), to_device(x), y);
    return to_host(y);
  }
};

TEST_P(SoftmaxTest, ForwardMatchesAHandWorkedCase) {
  EXPECT_TRUE(near(softmax(floats({2, 2}, {0, std::log(3.0f), 5, 5})),
                   floats({2, 2}, {0.25f, 0.75f, 0.5f, 0.5f}), tolerance::few_roundings));
}

TEST_P(SoftmaxTest, LargeScoresDoNotOverflow) {
  EXPECT_TRUE(near(softmax(floats({1, 3}, {3e38f, 3e38f, -3e38f})), floats({1, 3}, {0.5f, 0.5f, 0}),
                   tolerance::few_roundings));
  EXPECT_TRUE(near(softmax(floats({1, 1}, {-1000})), floats({1, 1}, {1}), 0));
}

TEST_P(SoftmaxTest, ARowOf1000ClassesSumsToOne) {
  const Tensor y = softmax(random_tensor({2, 1000}, 1, -10, 10));
  for (const int64_t row : {0, 1}) {
    double sum = 0;
    for (int64_t i = 0; i < 1000; ++i) sum += y.data()[row * 1000 + i];
    EXPECT_NEAR(sum, 1, tolerance::few_roundings);
  }
}

TEST_P(SoftmaxTest, EveryDeviceAnswersLikeTheCpu) {
  const Context cpu({}, 2);
  for (const int64_t classes : {1, 2, 31, 33, 128, 129, 257, 1024, 1025, 5003}) {
    SCOPED_TRACE(joined(classes, " classes"));
    const Shape shape{3, classes};
    const Tensor x = random_tensor(shape, 1, -20, 20);
    Tensor y({}, shape);
    softmax_forward(cpu, x, y);
    EXPECT_TRUE(near(softmax(x), y, tolerance::few_roundings));
  }
}

TEST_P(SoftmaxTest, MatchesPyTorch) {
  const GoldenFile golden;
  for (const std::string name : {"softmax.small.", "softmax.large."}) {
    SCOPED_TRACE(name);
    const Tensor y = softmax(golden.floats(name + "x"));
    EXPECT_TRUE(near(y, golden.floats(name + "y"), tolerance::few_roundings));
  }
}

TEST_P(SoftmaxTest, OtherExtentsAreRefused) {
  Tensor rows = empty({2, 3}), wrong = empty({3, 2}), map = empty({1, 2, 3, 1}),
         none = empty({2, 0});
  EXPECT_THROW(softmax_forward(context(), rows, wrong), Error);
  EXPECT_THROW(softmax_forward(context(), map, map), Error);
  EXPECT_THROW(softmax_forward(context(), none, none), Error);
}

INSTANTIATE_TEST_SUITE_P(Devices, SoftmaxTest, ::testing::ValuesIn(test_devices()), device_name);

}  // namespace
}  // namespace hdecomp::op_testing
