/// Features of ONNX files whose ops become several, against sums in double precision.
#include "tests/runtime/onnx_values.h"

namespace hdecomp {
namespace {

using namespace onnx_testing;

TEST(OnnxValues, GroupsAreNormalised) {
  const std::vector<float> scale{1, -2, 0.5f, 3, 1.5f, 0.25f}, shift{0, 1, -1, 2, 0.5f, 0.125f};
  for (const int64_t groups : {1, 2, map_channels}) {
    OnnxFile net = with_map();
    add_reals(net, "scale", scale), add_reals(net, "shift", shift);
    net.node("GroupNormalization", {"x", "scale", "shift"}, "y",
             Attributes().integer("num_groups", groups).real("epsilon", 0.125f));
    const MapsOfNet maps = maps_of(net, "y");
    const int64_t own = map_channels / groups, count = own * map_side * map_side;
    expect_values(maps, [&](int64_t c, int64_t i, int64_t j) {
      const float* group = maps.x.data() + c / own * count;
      double mean = 0, variance = 0;
      for (int64_t k = 0; k < count; ++k) mean += group[k] / static_cast<double>(count);
      for (int64_t k = 0; k < count; ++k) {
        variance += std::pow(group[k] - mean, 2) / static_cast<double>(count);
      }
      return (maps.at(c, i, j) - mean) / std::sqrt(variance + 0.125) * scale[c] + shift[c];
    });
  }
}

/// Means that leave zeros beyond the ends out are no response norm: it goes by a convolution.
TEST(OnnxValues, ResponsesAreDividedByTheirWindows) {
  for (const int counted : {0, 1}) {
    OnnxFile net = with_map();
    net.node("Mul", {"x", "x"}, "x2").whole("1", {1}).node("Unsqueeze", {"x2", "1"}, "deep");
    net.node("AveragePool", {"deep"}, "means",
             Attributes()
                 .ints("kernel_shape", {3, 1, 1})
                 .ints("pads", {1, 0, 0, 1, 0, 0})
                 .integer("count_include_pad", counted));
    net.node("Squeeze", {"means", "1"}, "s").real("k", 1).node("Add", {"s", "k"}, "b");
    net.real("beta", 0.75f).node("Pow", {"b", "beta"}, "p").node("Div", {"x", "p"}, "y");
    const MapsOfNet maps = maps_of(net, "y");
    expect_values(maps, [&](int64_t c, int64_t i, int64_t j) {
      double sum = 0, count = 0;
      for (int64_t k = c - 1; k <= c + 1; ++k) {
        const bool inside = k >= 0 && k < map_channels;
        if (inside) sum += std::pow(maps.at(k, i, j), 2);
        count += inside || counted == 1 ? 1 : 0;
      }
      return maps.at(c, i, j) / std::pow(1 + sum / count, 0.75);
    });
  }
}

TEST(OnnxValues, CellsAreReducedOverTheirChannels) {
  for (const std::string op : {"ReduceMax", "ReduceMean", "ReduceL2"}) {
    OnnxFile net = with_map();
    net.node(op, {"x"}, "y", Attributes().ints("axes", {1}));
    const MapsOfNet maps = maps_of(net, "y");
    ASSERT_EQ(maps.shape, (FeatureShape{1, map_side, map_side}));
    expect_values(maps, [&](int64_t, int64_t i, int64_t j) {
      double largest = maps.at(0, i, j), sum = 0, squares = 0;
      for (int64_t c = 0; c < map_channels; ++c) {
        const double value = maps.at(c, i, j);
        largest = std::max(largest, value), sum += value, squares += value * value;
      }
      return op == "ReduceMax"    ? largest
             : op == "ReduceMean" ? sum / map_channels
                                  : std::sqrt(squares);
    });
  }
}

TEST(OnnxValues, BordersAreTheMapsOwnCells) {
  for (const std::string mode : {"reflect", "edge"}) {
    OnnxFile net = with_map();
    net.whole("pads", {0, 0, 2, 0, 0, 0, 1, 3});
    net.node("Pad", {"x", "pads"}, "y", Attributes().text("mode", mode));
    const MapsOfNet maps = maps_of(net, "y");
    ASSERT_EQ(maps.shape, (FeatureShape{map_channels, map_side + 3, map_side + 3}));
    const auto own = [&](int64_t place) {
      if (mode == "edge") return std::clamp<int64_t>(place, 0, map_side - 1);
      return place < 0 ? -place : place >= map_side ? 2 * (map_side - 1) - place : place;
    };
    expect_values(maps, [&](int64_t c, int64_t i, int64_t j) -> double {
      return maps.at(c, own(i - 2), own(j));
    });
  }
}

TEST(OnnxValues, GeneralisedMeansAreRootsOfMeansOfPowers) {
  OnnxFile net = with_map();
  net.real("least", 0.0625f).real("p", 2.5f).real("1", 1).node("Div", {"1", "p"}, "inverse");
  net.node("Clip", {"x", "least"}, "c").node("Pow", {"c", "p"}, "powers");
  net.node("GlobalAveragePool", {"powers"}, "mean").node("Pow", {"mean", "inverse"}, "y");
  const MapsOfNet maps = maps_of(net, "y");
  expect_values(maps, [&](int64_t c, int64_t, int64_t) {
    double mean = 0;
    for (int k = 0; k < map_side * map_side; ++k) {
      mean += std::pow(std::max(maps.x[c * map_side * map_side + k], 0.0625f), 2.5) /
              (map_side * map_side);
    }
    return std::pow(mean, 1 / 2.5);
  });
}

}  // namespace
}  // namespace hdecomp
