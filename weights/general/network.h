/// What a foreign file's general network is once it is read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "weights/model/model_file.h"

namespace hdecomp::general {

/// What is said to the user of a network that ends with a map.
constexpr const char* said_of_headless =
    "the output is a map: a network without a head, which has features alone and no class scores";

struct Network {
  Graph graph;  // without stage ends
  std::vector<LayerWeights> layers;
  PixelSize input_size;
  bool grey = false;              // it reads one channel; a first layer makes it of three
  bool halves = false;            // weights of 16 bits
  std::vector<std::string> said;  // what was taken for granted, a line each
};

}  // namespace hdecomp::general
