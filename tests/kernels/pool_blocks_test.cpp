/// Max-pooling and its gradient over channels side by side, against the one over plain maps, bit by
/// bit.
#include "kernels/pool/pool_blocks_cpu.h"

#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {
namespace {

/// Element (c, y, x) of a map (1, c, h, w) in blocks.
int64_t place_in_blocks(const Shape& map, int64_t block, int64_t c, int64_t y, int64_t x) {
  return ((c / block * map[2] + y) * map[3] + x) * block + c % block;
}

Tensor in_blocks(const Tensor& plain, int64_t block) {
  const Shape& map = plain.shape();
  Tensor to({}, map);
  const float* next = plain.data();
  for (int64_t c = 0; c < map[1]; ++c) {
    for (int64_t y = 0; y < map[2]; ++y) {
      for (int64_t x = 0; x < map[3]; ++x) {
        to.data()[place_in_blocks(map, block, c, y, x)] = *next++;
      }
    }
  }
  return to;
}

/// Some neighbours equal, so that the first maximum counts.
Tensor with_ties(const Shape& shape) {
  Tensor x = random_tensor(shape, 3);
  for (float& value : x.span()) value = std::round(value * 4);
  return x;
}

TEST(PoolBlocks, BothAreThoseOfPlainMaps) {
  const Context context;
  const Shape map{1, 48, 11, 9};
  const std::vector<PoolSpec> specs{
      {2, 2, 2, 2}, {3, 3, 2, 2, 1, 1}, {3, 3, 2, 2}, {3, 2, 1, 2, 1}, {3, 3, 1, 1, 1, 1}};
  for (const PoolSpec& spec : specs) {
    const Tensor x = with_ties(map), dy = random_tensor(pooled_shape(map, spec), 5);
    Tensor y({}, dy.shape()), expected({}, map);
    IndexTensor argmax({}, dy.shape());
    max_pool_forward(context, spec, x, y, argmax);
    max_pool_backward(context, spec, dy, argmax, expected);
    for (const int64_t block : {8, 16, 48}) {
      Tensor dx = random_tensor(map, 7);
      cpu::max_pool_blocks_backward(context, spec, block, Activation::none, in_blocks(x, block),
                                    in_blocks(dy, block), Tensor({}, map, dx.data()));
      Tensor maxima({}, y.shape());
      ASSERT_TRUE(cpu::pools_blocks(spec, block));
      cpu::max_pool_blocks(context, spec, block, in_blocks(x, block), maxima);
      EXPECT_TRUE(std::ranges::equal(maxima.span(), in_blocks(y, block).span()));
      const Tensor wanted = in_blocks(expected, block);
      EXPECT_TRUE(std::ranges::equal(dx.span(), wanted.span())) << "block " << block;
    }
  }
}

TEST(PoolBlocks, LongRowsAreThoseOfPlainMapsOnAnyThreadCount) {
  const Shape map{1, 16, 3, 300};
  const PoolSpec spec{3, 5, 2, 2, 1, 2};
  const Tensor x = random_tensor(map, 3);
  Tensor y({}, pooled_shape(map, spec));
  IndexTensor argmax({}, y.shape());
  max_pool_forward(Context(), spec, x, y, argmax);
  for (const int threads : {1, 2, 3}) {
    Tensor maxima({}, y.shape());
    cpu::max_pool_blocks(Context({}, threads), spec, 16, in_blocks(x, 16), maxima);
    EXPECT_TRUE(std::ranges::equal(maxima.span(), in_blocks(y, 16).span()));
  }
}

}  // namespace
}  // namespace hdecomp::op_testing
