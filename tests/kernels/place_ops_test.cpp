/// The cell ops of what depends on a cell's place, by hand and against central differences.
#include "tests/kernels/cell_ops_testing.h"

namespace hdecomp::op_testing {
namespace {

class PlaceOps : public CellOps {};
INSTANTIATE_TEST_SUITE_P(Devices, PlaceOps, ::testing::ValuesIn(test_devices()), device_name);

/// A gather along the columns of one row.
Case along_row(int64_t size, int64_t step, int64_t shift, int64_t times) {
  Case c;
  c.op.formula = CellFormula::gather;
  c.op.x.size = size, c.op.x.stride = step, c.op.x.pad = shift, c.op.x.dilation = times;
  c.out = {1, 1, 1, size};
  return c;
}

TEST_P(PlaceOps, AGatherGoesRoundTheMap) {
  struct Walk {
    int64_t size, step, shift, times;
    std::vector<float> values, gradient;  // of 1, 2, 3; of output cells 1, 2, 4, 8, ...
  };
  const std::vector<Walk> walks{
      {3, -1, 1, 1, {3, 2, 1}, {4, 2, 1}},                // backwards
      {3, 1, 1, 1, {3, 1, 2}, {2, 4, 1}},                 // each one on
      {5, 1, 1, 1, {3, 1, 2, 3, 1}, {2 + 16, 4, 1 + 8}},  // a cell of the other end each side
      {6, 1, 0, 2, {1, 1, 2, 2, 3, 3}, {1 + 2, 4 + 8, 16 + 32}},  // twice each
      {4, 1, -1, 2, {2, 2, 3, 3}, {0, 1 + 2, 4 + 8}},             // some of them
      {7, -1, 0, 3, {1, 1, 1, 3, 3, 3, 2}, {1 + 2 + 4, 64, 8 + 16 + 32}},
      {7, 1, 0, 1, {1, 2, 3, 1, 2, 3, 1}, {1 + 8 + 64, 2 + 16, 4 + 32}},
  };
  const Tensor x = floats({1, 1, 1, 3}, {1, 2, 3});
  for (const Walk& walk : walks) {
    SCOPED_TRACE(joined(walk.size, " cells, shifted by ", walk.shift));
    const Case c = along_row(walk.size, walk.step, walk.shift, walk.times);
    EXPECT_TRUE(same_bits(forward(c, {&x}), floats(c.out, walk.values)));
    std::vector<float> powers;
    for (int64_t i = 0; i < walk.size; ++i) powers.push_back(static_cast<float>(1 << i));
    const Tensor dy = floats(c.out, powers);
    EXPECT_TRUE(same_bits(gradient(c, {&x}, 0, dy), floats(x.shape(), walk.gradient)));
  }
}

TEST_P(PlaceOps, AGatherOfRowsAndColumns) {
  Case c = along_row(9, -1, 4, 2);
  c.op.y = {7, 1, -2, 0, 3};
  c.out = {1, 3, 7, 9};
  const Tensor x = random_tensor({1, 3, 5, 4}, 1);
  check_gradients(c, {&x}, 0x1p-4f, tolerance::linear_difference);
}

/// Channel 4 c + 2 dy + dx is cell (dy, dx) of each block of channel c.
TEST_P(PlaceOps, BlocksBecomeChannelsAndChannelsBlocks) {
  Case deep;
  deep.op.formula = CellFormula::to_depth;
  deep.op.y = deep.op.x = {2, 2, 0, 0};
  deep.out = {1, 4, 1, 2};
  const Tensor x = floats({1, 1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8});
  const Tensor channels = floats(deep.out, {1, 3, 2, 4, 5, 7, 6, 8});
  EXPECT_TRUE(same_bits(forward(deep, {&x}), channels));
  EXPECT_TRUE(same_bits(gradient(deep, {&x}, 0, channels), x));
  Case flat;
  flat.op = deep.op;
  flat.op.formula = CellFormula::to_space;
  flat.op.map_h = 1, flat.op.map_w = 2;
  flat.out = x.shape();
  EXPECT_TRUE(same_bits(forward(flat, {&channels}), x));
  EXPECT_TRUE(same_bits(gradient(flat, {&channels}, 0, x), channels));
}

TEST_P(PlaceOps, BlocksOfUnequalSides) {
  Case deep, flat;
  deep.op.formula = CellFormula::to_depth, flat.op.formula = CellFormula::to_space;
  deep.op.y = flat.op.y = {3, 3, 0, 0}, deep.op.x = flat.op.x = {2, 2, 0, 0};
  flat.op.map_h = 2, flat.op.map_w = 3;
  const Tensor map = random_tensor({1, 2, 6, 6}, 2), blocks = random_tensor({1, 12, 2, 3}, 3);
  deep.out = blocks.shape(), flat.out = map.shape();
  check_gradients(deep, {&map}, 0x1p-4f, tolerance::linear_difference);
  check_gradients(flat, {&blocks}, 0x1p-4f, tolerance::linear_difference);
  const Tensor there = forward(deep, {&map});
  EXPECT_TRUE(same_bits(forward(flat, {&there}), map));
}

TEST_P(PlaceOps, ScalesThatDifferOverTheMap) {
  Case c;
  c.op.formula = CellFormula::affine_map;
  c.op.activation = Activation::relu;
  c.op.map_h = 1, c.op.map_w = 2;
  c.weight = floats({4}, {2, -1, 0, 1}), c.bias = floats({4}, {1, 0.5f, 3, -9});
  c.out = {1, 2, 1, 2};
  const Tensor x = floats(c.out, {1, -2, 5, 6}), dy = floats(c.out, {1, 2, 3, 4});
  EXPECT_TRUE(same_bits(forward(c, {&x}), floats(c.out, {3, 2.5f, 3, 0})));
  EXPECT_TRUE(same_bits(gradient(c, {&x}, 0, dy), floats(c.out, {2, -2, 0, 4})));
  c.weight = floats({2}, {1, 1});
  EXPECT_THROW(forward(c, {&x}), Error);
}

/// Of a window that begins at another cell, also outside of the map.
TEST_P(PlaceOps, WindowsOfMapsKnowTheirPlace) {
  Case c;
  c.op.formula = CellFormula::affine_map;
  c.op.map_h = 1, c.op.map_w = 3, c.op.out_x = -1;
  c.weight = floats({3}, {2, 3, 4}), c.bias = floats({3}, {1, 1, 1});
  c.out = {1, 1, 1, 3};
  const Tensor x = floats(c.out, {9, 1, 2});
  EXPECT_TRUE(same_bits(forward(c, {&x}), floats(c.out, {0, 3, 7})));
  Case walk = along_row(3, -1, 1, 1);
  walk.op.out_x = 2, walk.out = {1, 1, 1, 2};
  EXPECT_TRUE(same_bits(forward(walk, {&x}), floats(walk.out, {9, 0})));
}

}  // namespace
}  // namespace hdecomp::op_testing
