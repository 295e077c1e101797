/// Features of ONNX files whose ops move cells, or depend on their place, by hand.
#include "tests/runtime/onnx_values.h"

namespace hdecomp {
namespace {

using namespace onnx_testing;

TEST(OnnxPlaceValues, SlicesGoBackwards) {
  OnnxFile net = with_map();
  net.whole("from", {-1, 6}).whole("to", {INT64_MIN + 1, 0}).whole("axes", {2, 3});
  net.whole("steps", {-1, -2}).node("Slice", {"x", "from", "to", "axes", "steps"}, "y");
  const MapsOfNet maps = maps_of(net, "y");
  ASSERT_EQ(maps.shape, (FeatureShape{map_channels, map_side, 3}));
  expect_values(maps, [&](int64_t c, int64_t i, int64_t j) -> double {
    return maps.at(c, map_side - 1 - i, 6 - 2 * j);
  });
}

TEST(OnnxPlaceValues, PaddingGoesRoundTheMap) {
  OnnxFile net = with_map();
  net.whole("pads", {0, 0, 2, -1, 0, 0, 1, 3});
  net.node("Pad", {"x", "pads"}, "y", Attributes().text("mode", "wrap"));
  const MapsOfNet maps = maps_of(net, "y");
  expect_values(maps, [&](int64_t c, int64_t i, int64_t j) -> double {
    return maps.at(c, (i + map_side - 2) % map_side, (j + 1) % map_side);
  });
}

/// torch.roll.
TEST(OnnxPlaceValues, RowsAreConcatenated) {
  OnnxFile net = with_map();
  net.whole("0", {0}).whole("3", {3}).whole("8", {8}).whole("axis", {2});
  net.node("Slice", {"x", "3", "8", "axis"}, "last")
      .node("Slice", {"x", "0", "3", "axis"}, "first");
  net.node("Concat", {"last", "first"}, "y", Attributes().integer("axis", 2));
  const MapsOfNet maps = maps_of(net, "y");
  expect_values(maps, [&](int64_t c, int64_t i, int64_t j) -> double {
    return maps.at(c, (i + 3) % map_side, j);
  });
}

TEST(OnnxPlaceValues, NumbersThatDifferOverTheMap) {
  for (const std::string op : {"Add", "Sub", "Mul", "Div"}) {
    for (const bool swapped : {false, true}) {
      OnnxFile net = with_map();
      std::vector<float> row;
      for (int j = 0; j < map_side; ++j) row.push_back(0.5f + static_cast<float>(j));
      add_reals(net, "row", row);
      if (swapped)
        net.node(op, {"row", "x"}, "y");
      else
        net.node(op, {"x", "row"}, "y");
      const MapsOfNet maps = maps_of(net, "y");
      expect_values(maps, [&](int64_t c, int64_t i, int64_t j) -> double {
        const double a = swapped ? row[j] : maps.at(c, i, j),
                     b = swapped ? maps.at(c, i, j) : row[j];
        return op == "Add" ? a + b : op == "Sub" ? a - b : op == "Mul" ? a * b : a / b;
      });
    }
  }
}

/// CoordConv: channels that are the same for all images.
TEST(OnnxPlaceValues, ConstantChannelsBesideOthers) {
  OnnxFile net = with_map();
  std::vector<float> places;
  for (int k = 0; k < map_side * map_side; ++k) places.push_back(static_cast<float>(k) / 8);
  add_reals(net, "list", places);
  net.whole("map", {1, 1, map_side, map_side}).node("Reshape", {"list", "map"}, "place");
  net.node("Concat", {"place", "x", "place"}, "y", Attributes().integer("axis", 1));
  const MapsOfNet maps = maps_of(net, "y");
  ASSERT_EQ(maps.shape.channels, map_channels + 2);
  expect_values(maps, [&](int64_t c, int64_t i, int64_t j) -> double {
    const bool constant = c == 0 || c == map_channels + 1;
    return constant ? places[i * map_side + j] : maps.at(c - 1, i, j);
  });
}

TEST(OnnxPlaceValues, BlocksBecomeChannels) {
  for (const bool as_op : {true, false}) {
    OnnxFile net = with_map();
    if (as_op) {
      net.node("SpaceToDepth", {"x"}, "y", Attributes().integer("blocksize", 2));
    } else {
      net.whole("cut", {0, map_channels, 4, 2, 4, 2}).whole("together", {0, -1, 4, 4});
      net.node("Reshape", {"x", "cut"}, "parts");
      net.node("Transpose", {"parts"}, "turned", Attributes().ints("perm", {0, 3, 5, 1, 2, 4}));
      net.node("Reshape", {"turned", "together"}, "y");
    }
    const MapsOfNet maps = maps_of(net, "y");
    ASSERT_EQ(maps.shape, (FeatureShape{4 * map_channels, 4, 4}));
    expect_values(maps, [&](int64_t c, int64_t i, int64_t j) -> double {
      const int64_t part = c / map_channels;
      return maps.at(c % map_channels, 2 * i + part / 2, 2 * j + part % 2);
    });
  }
}

/// Half-pixel positions, x4 rows and x3 columns: between two neighbours, at the border the cell.
TEST(OnnxPlaceValues, MapsAreEnlarged) {
  for (const std::string mode : {"nearest", "linear"}) {
    OnnxFile net = with_map();
    net.whole("sizes", {1, map_channels, 4 * map_side, 3 * map_side});
    net.node("Resize", {"x", "", "", "sizes"}, "y", Attributes().text("mode", mode));
    const MapsOfNet maps = maps_of(net, "y");
    const auto read = [&](int64_t c, double y, double x) {
      const auto top = static_cast<int64_t>(y), left = static_cast<int64_t>(x);
      const int64_t below = std::min<int64_t>(top + 1, map_side - 1),
                    right = std::min<int64_t>(left + 1, map_side - 1);
      const double down = y - static_cast<double>(top), over = x - static_cast<double>(left);
      const double upper = maps.at(c, top, left) * (1 - over) + maps.at(c, top, right) * over;
      const double lower = maps.at(c, below, left) * (1 - over) + maps.at(c, below, right) * over;
      return upper * (1 - down) + lower * down;
    };
    const auto place = [](int64_t i, double times) {
      return std::clamp((static_cast<double>(i) + 0.5) / times - 0.5, 0.0, map_side - 1.0);
    };
    expect_values(maps, [&](int64_t c, int64_t i, int64_t j) -> double {
      if (mode == "nearest") return maps.at(c, i / 4, j / 3);
      return read(c, place(i, 4), place(j, 3));
    });
  }
}

TEST(OnnxPlaceValues, TheLargerOrTheSmallerOfTwo) {
  for (const std::string op : {"Max", "Min"}) {
    OnnxFile net = with_map();
    net.real("1/4", 0.25f).node("Mul", {"x", "1/4"}, "z").node(op, {"x", "z"}, "y");
    const MapsOfNet maps = maps_of(net, "y");
    expect_values(maps, [&](int64_t c, int64_t i, int64_t j) -> double {
      const float x = maps.at(c, i, j), z = x / 4;
      return op == "Max" ? std::max(x, z) : std::min(x, z);
    });
  }
}

/// Over channels that lie side by side, and over those that take turns.
TEST(OnnxPlaceValues, PartsOfTheChannelsAreReducedAndWeighed) {
  for (const bool turns : {false, true}) {
    const auto channel = [&](int64_t own, int64_t part) {
      return turns ? own * 2 + part : part * 3 + own;
    };
    OnnxFile net = with_map();
    net.whole("cut",
              turns ? std::vector<int64_t>{1, 3, 2, 8, 8} : std::vector<int64_t>{1, 2, 3, 8, 8});
    net.node("Reshape", {"x", "cut"}, "parts");
    OnnxFile largest = net, weighed = net;
    largest.node("ReduceMax", {"parts"}, "y",
                 Attributes().ints("axes", {turns ? 2 : 1}).integer("keepdims", 0));
    const MapsOfNet most = maps_of(largest, "y");
    ASSERT_EQ(most.shape.channels, 3);
    expect_values(most, [&](int64_t c, int64_t i, int64_t j) -> double {
      return std::max(most.at(channel(c, 0), i, j), most.at(channel(c, 1), i, j));
    });
    weighed.node("Softmax", {"parts"}, "s", Attributes().integer("axis", turns ? 2 : 1));
    weighed.whole("map", {1, 6, 8, 8}).node("Reshape", {"s", "map"}, "shares");
    weighed.real("2", 2).node("Mul", {"shares", "2"}, "y");  // a last softmax would be left out
    const MapsOfNet shares = maps_of(weighed, "y");
    expect_values(shares, [&](int64_t c, int64_t i, int64_t j) -> double {
      const int64_t own = turns ? c / 2 : c % 3, part = turns ? c % 2 : c / 3;
      const double x = shares.at(channel(own, part), i, j),
                   z = shares.at(channel(own, 1 - part), i, j);
      return 2 / (1 + std::exp(z - x));
    });
  }
}

/// What is computed of constants alone, as weight standardisation's convolution is.
TEST(OnnxPlaceValues, WeightsAreStandardisedWhileConverting) {
  OnnxFile net = with_map();
  add_reals(net, "list", {1, 2, 3, 4, 5, 6, 0, 1, 0, 1, 0, 1});
  net.whole("dims", {2, map_channels, 1, 1}).node("Reshape", {"list", "dims"}, "v");
  net.whole("axes", {1, 2, 3}).node("ReduceMean", {"v", "axes"}, "m").node("Sub", {"v", "m"}, "d");
  net.node("Mul", {"d", "d"}, "d2").node("ReduceSum", {"d2", "axes"}, "sum");
  net.node("Sqrt", {"sum"}, "root").node("Div", {"d", "root"}, "standard");
  net.node("Conv", {"x", "standard"}, "y");
  const MapsOfNet maps = maps_of(net, "y");
  expect_values(maps, [&](int64_t c, int64_t i, int64_t j) {
    double sum = 0;
    for (int k = 0; k < map_channels; ++k) {
      const double weight = c == 0 ? (k - 2.5) / std::sqrt(17.5) : (k % 2 - 0.5) / std::sqrt(1.5);
      sum += weight * maps.at(k, i, j);
    }
    return sum;
  });
}

}  // namespace
}  // namespace hdecomp
