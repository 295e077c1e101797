/// Regions as the network sees them, and which of them a mask lies on.
#include "runtime/labels/seen_regions.h"

#include <gtest/gtest.h>

namespace hdecomp {
namespace {

constexpr uint16_t none = RegionMap::none;

Image picture(int64_t height, int64_t width) {
  return {height, width, std::vector<uint8_t>(static_cast<size_t>(height * width * 3))};
}

TEST(SeenRegions, AreCutAndTakenFromTheNearestPixel) {
  // 4 x 6, each pixel its own region; the shorter side stays, the middle 4 columns are seen.
  RegionMap map{4, 6, {}};
  for (uint16_t i = 0; i < 24; ++i) map.regions.push_back(i);
  EXPECT_EQ(seen_regions(map, picture(4, 6), {Resize::cover, 4, 4}),
            (std::vector<uint16_t>{1, 2, 3, 4, 7, 8, 9, 10, 13, 14, 15, 16, 19, 20, 21, 22}));
  // To half its size: centres at 1, 3, 5, which lie in those pixels.
  EXPECT_EQ(seen_regions(map, picture(4, 6), {Resize::stretch, 2, 2}),
            (std::vector<uint16_t>{7, 10, 19, 22}));
  // To twice a 2 x 2.
  EXPECT_EQ(seen_regions({2, 2, {5, 6, none, 8}}, picture(2, 2), {Resize::stretch, 4, 4}),
            (std::vector<uint16_t>{5, 5, 6, 6, 5, 5, 6, 6, none, none, 8, 8, none, none, 8, 8}));
}

TEST(SeenRegions, OfAnInputThatIsNoSquareHaveItsRows) {
  // 4 x 8 to 2 x 4: rows 1 and 3, columns 1, 3, 5 and 7.
  RegionMap map{4, 8, {}};
  for (uint16_t i = 0; i < 32; ++i) map.regions.push_back(i);
  EXPECT_EQ(seen_regions(map, picture(4, 8), {Resize::stretch, PixelSize{2, 4}, PixelSize{2, 4}}),
            (std::vector<uint16_t>{9, 11, 13, 15, 25, 27, 29, 31}));
  const std::vector<uint16_t> seen{0, 0, 1,    1,  //
                                   2, 2, none, 3};
  const CellRegions cells(seen, PixelSize{2, 4}, 2, 2);
  const uint16_t regions[]{0, 1, 2, 3};
  const int32_t pixels[]{2, 2, 2, 1};
  for (int64_t cell = 0; cell < 4; ++cell) {
    EXPECT_EQ(cells.pixels(cell), 2);
    ASSERT_EQ(cells.of(cell).size(), 1u) << cell;
    EXPECT_EQ(cells.of(cell)[0].region, regions[cell]);
    EXPECT_EQ(cells.of(cell)[0].pixels, pixels[cell]);
  }
}

TEST(SeenRegions, AreCountedUnderEachCell) {
  const std::vector<uint16_t> seen{0,    0, 1,  //
                                   0,    2, 1,  //
                                   none, 2, 2};
  // 3 pixels under 2 cells: 0 and 1 lie under the first, 2 under the second.
  const CellRegions cells(seen, 3, 2, 2);
  EXPECT_EQ(cells.pixels(0), 4);
  ASSERT_EQ(cells.of(0).size(), 2u);
  EXPECT_EQ(cells.of(0)[0].region, 0);
  EXPECT_EQ(cells.of(0)[0].pixels, 3);
  EXPECT_EQ(cells.of(0)[1].region, 2);
  EXPECT_EQ(cells.pixels(2), 2);
  ASSERT_EQ(cells.of(2).size(), 1u);  // without the pixel of no region
  EXPECT_EQ(cells.of(2)[0].pixels, 1);
  std::vector<int64_t> both(4);
  EXPECT_EQ(cells.add_to(both, 0) + cells.add_to(both, 2), 6);
  EXPECT_EQ(both, (std::vector<int64_t>{3, 0, 2, 0}));
  EXPECT_EQ(region_areas(seen, 4), (std::vector<int64_t>{3, 2, 3, 0}));
}

TEST(BestRegion, HasTheLargestIntersectionOverUnion) {
  // 6 of a mask of 10 are of a region of 100, 3 of one of 4: 6 / 104 and 3 / 11.
  const std::vector<int64_t> both{6, 3}, areas{100, 4};
  const RegionOverlap best = best_region(both, areas, 10);
  EXPECT_EQ(best.region, 1);
  EXPECT_EQ(best.iou, 3.0 / 11);
}

TEST(BestRegion, TiesGoToTheLowerAndNothingIsNone) {
  const std::vector<int64_t> areas{0, 8, 8};
  EXPECT_EQ(best_region(std::vector<int64_t>{0, 2, 2}, areas, 4).region, 1);
  EXPECT_EQ(best_region(std::vector<int64_t>{0, 0, 0}, areas, 4).region, -1);
  EXPECT_EQ(best_region(std::vector<int64_t>{0, 0, 0}, areas, 4).iou, 0);
  // An empty mask, and a region that is not there: 0 / 0 is no label.
  EXPECT_EQ(best_region(std::vector<int64_t>{0, 0, 0}, areas, 0).region, -1);
}

}  // namespace
}  // namespace hdecomp
