/// The arithmetic of relevance against hand-worked values, and other devices against the CPU.
#include "kernels/map/relevance.h"

#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {
namespace {

class RelevanceTest : public OnDevice {
 protected:
  Tensor part(Part which, const Tensor& x) const {
    Tensor y = empty(x.shape());
    keep_part(context(), which, to_device(x), y);
    return to_host(y);
  }
  Tensor product(const Tensor& a, const Tensor& b) const {
    Tensor y = empty(a.shape());
    multiply(context(), to_device(a), to_device(b), y);
    return to_host(y);
  }
  Tensor ratio(const Tensor& r, const Tensor& z, float epsilon) const {
    Tensor y = empty(r.shape());
    stabilised_ratio(context(), to_device(r), to_device(z), epsilon, y);
    return to_host(y);
  }
};

TEST_P(RelevanceTest, PartsAddUpToTheWhole) {
  const Tensor x = floats({5}, {-2, -0.0f, 0, 1e-30f, 3});
  EXPECT_TRUE(same_bits(part(Part::positive, x), floats({5}, {0, -0.0f, 0, 1e-30f, 3})));
  EXPECT_TRUE(same_bits(part(Part::negative, x), floats({5}, {-2, -0.0f, 0, 0, 0})));
}

TEST_P(RelevanceTest, ANaNStaysOne) {
  const Tensor x = floats({2}, {std::nanf(""), 1});
  EXPECT_TRUE(std::isnan(part(Part::positive, x).data()[0]));
  EXPECT_TRUE(std::isnan(part(Part::negative, x).data()[0]));
}

TEST_P(RelevanceTest, TheStabiliserGoesAwayFromZeroAndCountsItAsPositive) {
  const Tensor r = floats({4}, {1, 1, -3, 2}), z = floats({4}, {0, 0.75f, 0.5f, -0.75f});
  EXPECT_TRUE(same_bits(ratio(r, z, 0.25f), floats({4}, {4, 1, -4, -2})));
}

TEST_P(RelevanceTest, EveryElementIsReachedAtAnySize) {
  const Context cpu({}, 2);
  for (const int64_t n : {1, 3, 255, 257, 4099}) {
    const Tensor a = random_tensor({n}, 1), b = random_tensor({n}, 2);
    Tensor expected({}, {n});
    multiply(cpu, a, b, expected);
    EXPECT_TRUE(same_bits(product(a, b), expected)) << n;
    keep_part(cpu, Part::negative, a, expected);
    EXPECT_TRUE(same_bits(part(Part::negative, a), expected)) << n;
    stabilised_ratio(cpu, a, b, 1e-6f, expected);
    EXPECT_TRUE(same_bits(ratio(a, b, 1e-6f), expected)) << n;
  }
}

TEST_P(RelevanceTest, RefusesExtentsThatDoNotFitAndAStabiliserThatIsNone) {
  const Tensor two = floats({2}, {1, 2}), three = floats({3}, {1, 2, 3});
  EXPECT_THROW(product(two, three), Error);
  EXPECT_THROW(ratio(two, three, 1), Error);
  EXPECT_THROW(ratio(two, two, 0), Error);
}

INSTANTIATE_TEST_SUITE_P(, RelevanceTest, ::testing::ValuesIn(test_devices()), device_name);

}  // namespace
}  // namespace hdecomp::op_testing
