/// Items' maps against plain loops: rectangles that leave the map, items with and without planes of
/// their own.
#include "kernels/map/item_maps.h"

#include <limits>

#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {
namespace {

struct MapExtent {
  int64_t items, channels, height, width;
  MapRegion held, wanted;
};

/// Sizes that are odd, prime, of one cell, and larger than a block of threads.
const std::vector<MapExtent> map_extents{
    {1, 1, 1, 1, {0, 0, 1, 1}, {0, 0, 1, 1}},
    {3, 5, 7, 11, {2, 3, 4, 5}, {3, 4, 2, 3}},           // inside
    {33, 31, 5, 5, {-2, -1, 9, 8}, {-2, -1, 9, 8}},      // around the map
    {5, 3, 31, 33, {-3, 20, 17, 19}, {-3, 20, 10, 19}},  // over a corner
    {7, 13, 37, 41, {0, 0, 37, 41}, {-3, -3, 43, 47}},   // the map and a halo
    {2, 4, 6, 6, {1, 1, 2, 2}, {-9, 2, 4, 3}},           // nothing of it in the map
    {31, 2, 3, 17, {1, 5, 1, 1}, {1, 5, 1, 1}},          // one cell
    {4, 67, 19, 23, {0, 0, 19, 23}, {0, 0, 19, 23}},     // whole
};

bool in_map(const MapExtent& e, int64_t y, int64_t x) {
  return y >= 0 && y < e.height && x >= 0 && x < e.width;
}

/// Calls body(element, item, plane, y, x) for each of a tensor (items, planes, h, w) of a region.
template <class Body>
void for_each_cell(const Tensor& tensor, const MapRegion& region, Body body) {
  const int64_t planes = tensor.shape()[1];
  for (int64_t i = 0; i < tensor.elements(); ++i) {
    const int64_t plane = i / region.area(), cell = i % region.area();
    body(i, plane / planes, plane % planes, region.y + cell / region.width,
         region.x + cell % region.width);
  }
}

/// What an item has of a channel at a cell of the map.
float value_of(const Tensor& feature, const Tensor* planes, const MapExtent& e,
               const PlaneChannels& held, int64_t item, int64_t channel, int64_t y, int64_t x) {
  const int64_t plane = channel - held.first - item * held.step;
  if (planes != nullptr && plane >= 0 && plane < planes->shape()[1]) {
    const int64_t at = (item * planes->shape()[1] + plane) * e.held.area();
    return planes->data()[at + (y - e.held.y) * e.held.width + x - e.held.x];
  }
  return feature.data()[(channel * e.height + y) * e.width + x];
}

class ItemMapsTest : public OnDevice {
 protected:
  Tensor gather(const Tensor& feature, const Tensor* planes, const MapExtent& e,
                const PlaneChannels& held, const GatherPlan& plan, int64_t wanted) const {
    const Tensor there = to_device(feature);
    const Tensor own = planes == nullptr ? Tensor() : to_device(*planes);
    Tensor to =
        to_device(random_tensor({e.items, wanted, e.wanted.height, e.wanted.width}, 9, 7, 8));
    gather_maps(context(), {there, planes == nullptr ? nullptr : &own, e.held, held}, plan, to);
    return to_host(to);
  }

  Tensor differences(const Tensor& feature, const Tensor& planes, const MapExtent& e,
                     int64_t first) const {
    const Tensor there = to_device(feature), own = to_device(planes);
    Tensor to = to_device(random_tensor({e.items, 1, e.wanted.height, e.wanted.width}, 9, 7, 8));
    gather_differences(context(), {there, &own, e.held, {first, 1}}, e.wanted, to);
    return to_host(to);
  }
};

TEST_P(ItemMapsTest, GatherTakesAnItemsOwnPlanesAndElseTheFeatures) {
  for (const MapExtent& e : map_extents) {
    const Tensor feature = random_tensor({1, e.channels, e.height, e.width}, 1);
    const Tensor one = random_tensor({e.items, 1, e.held.height, e.held.width}, 2, 2, 3);
    const Tensor all = random_tensor({e.items, e.channels, e.held.height, e.held.width}, 3, 4, 5);
    struct Case {
      const Tensor* planes;
      PlaneChannels held, wanted;
      int64_t count;
    };
    const int64_t some = e.channels / 2;  // the items may go beyond the last channel
    for (const auto& [planes, held, wanted, count] :
         {Case{nullptr, {}, {}, e.channels}, Case{nullptr, {}, {some, 1}, 1},
          Case{&one, {some, 1}, {}, e.channels}, Case{&one, {some, 1}, {some, 1}, 1},
          Case{&one, {some, 0}, {some, 0}, 1}, Case{&all, {}, {}, e.channels},
          Case{&all, {}, {some, 1}, 1}}) {
      SCOPED_TRACE(joined(e.channels, " channels, ", count, " wanted from ", wanted.first));
      const float outside = -std::numeric_limits<float>::infinity();
      const Tensor result = gather(feature, planes, e, held, {e.wanted, wanted, outside}, count);
      Tensor expected({}, result.shape());
      for_each_cell(
          expected, e.wanted, [&](int64_t i, int64_t item, int64_t plane, int64_t y, int64_t x) {
            int64_t channel = wanted.first + item * wanted.step + plane;
            if (channel >= e.channels) channel = 0;
            expected.data()[i] =
                in_map(e, y, x) ? value_of(feature, planes, e, held, item, channel, y, x) : outside;
          });
      EXPECT_TRUE(same_bits(result, expected));
    }
  }
}

TEST_P(ItemMapsTest, AnOwnPlaneMinusItsChannel) {
  for (const MapExtent& e : map_extents) {
    const Tensor feature = random_tensor({1, e.channels, e.height, e.width}, 1);
    const Tensor own = random_tensor({e.items, 1, e.held.height, e.held.width}, 2);
    for (const int64_t first : {int64_t{0}, e.channels / 2}) {
      SCOPED_TRACE(joined(e.channels, " channels from ", first));
      const Tensor result = differences(feature, own, e, first);
      Tensor expected({}, result.shape());
      for_each_cell(
          expected, e.wanted, [&](int64_t i, int64_t item, int64_t, int64_t y, int64_t x) {
            const int64_t channel = first + item;
            expected.data()[i] = channel < e.channels && in_map(e, y, x)
                                     ? value_of(feature, &own, e, {first, 1}, item, channel, y, x) -
                                           value_of(feature, nullptr, e, {}, item, channel, y, x)
                                     : 0;
          });
      EXPECT_TRUE(same_bits(result, expected));
    }
  }
}

TEST_P(ItemMapsTest, FillSetsThosePlanesAlone) {
  for (const auto& [shape, planes] : {std::pair{Shape{3, 5, 7, 11}, std::vector<int32_t>{14, 0, 6}},
                                      {Shape{1, 1, 1, 1}, {0}},
                                      {Shape{2, 31, 1, 1}, {61, 3, 33, 31}},
                                      {Shape{2, 2, 17, 33}, {2}},
                                      {Shape{4, 3, 5}, {}}}) {
    SCOPED_TRACE(joined(planes.size(), " planes of ", shape));
    const Tensor before = random_tensor(shape, 1);
    const auto count = std::ssize(planes);
    const Tensor values = random_tensor({count}, 2, 3, 4);
    Tensor result = to_device(before), expected = copy_tensor(before);
    fill_planes(context(), to_device(indices({count}, planes)), to_device(values), result);
    const int64_t area = shape[shape.rank() - 2] * shape[shape.rank() - 1];
    for (int64_t i = 0; i < count; ++i) {
      std::fill_n(expected.data() + planes[i] * area, area, values.data()[i]);
    }
    EXPECT_TRUE(same_bits(to_host(result), expected));
  }
}

TEST_P(ItemMapsTest, OtherExtentsAreRefused) {
  const Tensor feature = to_device(random_tensor({1, 4, 9, 9}, 1)),
               planes = to_device(random_tensor({3, 1, 5, 5}, 2));
  const MapRegion held{2, 2, 5, 5}, whole{0, 0, 9, 9}, inner{3, 3, 2, 2};
  const ItemMaps maps{feature, &planes, held, {0, 1}};
  Tensor two = empty({3, 1, 2, 2}), nine = empty({3, 1, 9, 9}), items = empty({2, 1, 2, 2});
  Tensor channels = empty({3, 2, 2, 2});
  EXPECT_NO_THROW(gather_maps(context(), maps, {inner, {0, 1}}, two));
  EXPECT_THROW(gather_maps(context(), maps, {inner, {0, 1}}, nine), Error);
  EXPECT_THROW(gather_maps(context(), maps, {whole, {0, 1}}, nine), Error);  // not all is held
  EXPECT_THROW(gather_maps(context(), maps, {inner, {0, 1}}, items), Error);
  EXPECT_THROW(gather_maps(context(), {planes}, {inner, {}}, two), Error);  // of three images
  EXPECT_THROW(gather_differences(context(), {feature}, inner, two), Error);
  EXPECT_THROW(gather_differences(context(), maps, inner, channels), Error);
  EXPECT_THROW(gather_differences(context(), maps, whole, nine), Error);
  EXPECT_THROW(fill_planes(context(), empty_indices({2}), empty({3}), two), Error);
}

INSTANTIATE_TEST_SUITE_P(Devices, ItemMapsTest, ::testing::ValuesIn(test_devices()), device_name);

}  // namespace
}  // namespace hdecomp::op_testing
