/// Shapes, tensors, devices and contexts.
#include <omp.h>

#include <climits>

#include "kernels/conv/linear.h"
#include "kernels/map/elementwise.h"
#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {
namespace {

TEST(ShapeTest, HoldsItsDimensions) {
  const Shape shape{2, 3, 5, 7};
  EXPECT_EQ(shape.rank(), 4);
  EXPECT_EQ(shape[3], 7);
  EXPECT_EQ(shape.elements(), 210);
  EXPECT_EQ(shape.dims(), (std::vector<int64_t>{2, 3, 5, 7}));
  EXPECT_EQ(to_string(shape), "(2, 3, 5, 7)");
  EXPECT_EQ(shape, Shape(std::vector<int64_t>{2, 3, 5, 7}));
  EXPECT_NE(shape, Shape({2, 3, 5}));
  EXPECT_NE(Shape({2, 0}), Shape({2}));
}

TEST(ShapeTest, MayBeEmptyOrAScalar) {
  EXPECT_EQ(Shape().elements(), 1);
  EXPECT_EQ(Shape(std::vector<int64_t>{}), Shape());
  EXPECT_EQ(Shape({3, 0, 2}).elements(), 0);
  EXPECT_EQ(Shape({0, INT64_MAX, INT64_MAX}).elements(), 0);
}

TEST(ShapeTest, RefusesWhatIsNoExtent) {
  EXPECT_THROW(Shape({1, 2, 3, 4, 5}), Error);
  EXPECT_THROW(Shape({3, -1}), Error);
  EXPECT_THROW(Shape({INT64_MIN}), Error);
}

TEST(ShapeTest, RefusesMoreElementsThanCanBe) {
  EXPECT_EQ(Shape({int64_t{1} << 20, int64_t{1} << 20}).elements(), int64_t{1} << 40);
  EXPECT_THROW(Shape({(int64_t{1} << 40) + 1}), Error);
  EXPECT_THROW(Shape({int64_t{1} << 20, (int64_t{1} << 20) + 1}), Error);
  EXPECT_THROW(Shape({INT64_MAX, INT64_MAX}), Error);
  EXPECT_THROW(Shape({int64_t{1} << 32, int64_t{1} << 32}), Error);  // the product wraps round to 0
}

TEST(TensorTest, MemoryIsAligned) {
  for (const int64_t size : {0, 1, 15, 16, 17, 1000}) {
    SCOPED_TRACE(size);
    Tensor tensor({}, {size});
    EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.data()) % 64, 0u);
    EXPECT_EQ(tensor.elements(), size);
    EXPECT_EQ(std::ssize(tensor.span()), size);
    std::ranges::fill(tensor.span(), 1.0f);  // all of it may be written
  }
}

TEST(TensorTest, AMovedTensorLeavesNothingBehind) {
  Tensor first = floats({2}, {1, 2});
  const float* data = first.data();
  const Tensor second = std::move(first);
  EXPECT_EQ(second.data(), data);
  EXPECT_EQ(second.elements(), 2);
  EXPECT_EQ(first.data(), nullptr);  // NOLINT: what a moved-from tensor is, is the test
  EXPECT_EQ(first.elements(), 0);
}

TEST(TensorTest, ADefaultTensorHasNoElements) {
  const Tensor tensor;
  EXPECT_EQ(tensor.elements(), 0);
  EXPECT_TRUE(tensor.span().empty());
}

TEST(DeviceTest, NamesAreRead) {
  EXPECT_EQ(parse_device("cpu"), Device{});
  EXPECT_EQ(parse_device("cuda"), (Device{DeviceKind::cuda, 0}));
  EXPECT_EQ(parse_device("cuda:12"), (Device{DeviceKind::cuda, 12}));
  for (const std::string name : {"cpu", "cuda:0", "cuda:3"}) {
    EXPECT_EQ(to_string(parse_device(name)), name);
  }
}

TEST(DeviceTest, OtherNamesAreRefused) {
  for (const std::string name : {"", "gpu", "CPU", "cpu:0", "cuda:", "cuda:-1", "cuda:1x",
                                 "cuda: 1", "cuda:99999999999", "cpu "}) {
    EXPECT_THROW(parse_device(name), UserError) << name;
  }
}

TEST(ContextTest, ThreadCountsAreChecked) {
  EXPECT_EQ(Context({}, 3).threads(), 3);
  EXPECT_EQ(Context({}, 1024).threads(), 1024);
  EXPECT_GE(Context().threads(), 1);
  EXPECT_THROW(Context({}, -1), UserError);
  EXPECT_THROW(Context({}, 1025), UserError);
  EXPECT_THROW(Context({}, INT_MIN), UserError);
}

/// Holds for builds with and without the CUDA backend, with and without a GPU.
TEST(ContextTest, AGpuThatIsNotThereIsRefusedWithTheWayOut) {
  try {
    Context context(parse_device("cuda:1023"));
    FAIL() << "a context for a GPU";
  } catch (const UserError& fault) {
    EXPECT_NE(std::string(fault.what()).find("device cuda"), std::string::npos) << fault.what();
  }
  EXPECT_THROW(Tensor(parse_device("cuda:1023"), {1}), Error);
  EXPECT_THROW(Context({}, 1, Precision::fp16), UserError);  // the CPU has float32 and bf16
  EXPECT_THROW(Context({}, 1, Precision::tf32), UserError);
  EXPECT_EQ(Context({}, 1, Precision::bf16).precision(), Precision::bf16);
}

TEST(ContextTest, MovesWithItsHandles) {
  Context first({}, 2);
  const Context second = std::move(first);
  EXPECT_EQ(second.threads(), 2);
  Tensor x = floats({2}, {-1, 1});
  add_forward(second, x, x, Activation::relu, x);
  EXPECT_TRUE(same_bits(x, floats({2}, {0, 2})));
}

TEST(ContextTest, OpsLeaveTheProgramsThreadCountAlone) {
  const int before = omp_get_max_threads();
  omp_set_num_threads(5);
  const Context context({}, 2);
  const Tensor weight = floats({1, 2}, {1, 2}), bias = floats({1}, {0}), x = floats({1, 2}, {1, 1});
  Tensor y({}, {1, 1});
  make_linear(context, {1, 2, 1}, weight, bias)->forward(x, y);
  add_forward(context, y, y, Activation::relu, y);
  EXPECT_EQ(omp_get_max_threads(), 5);
  omp_set_num_threads(before);
}

}  // namespace
}  // namespace hdecomp::op_testing
