/// What a network says of one class.
#pragma once

#include <cstdint>
#include <string>

namespace hdecomp {

struct ClassScore {
  int64_t index = 0;
  std::string name, wnid;
  float score = 0;        // before softmax, or a network of one output's sigmoid
  float probability = 0;  // after
};

}  // namespace hdecomp
