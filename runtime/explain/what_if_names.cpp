/// How people write boxes, nodes and channels for what-if.
#include <algorithm>
#include <optional>

#include "hdecomp/error.h"
#include "hdecomp/number.h"
#include "hdecomp/what_if.h"

namespace hdecomp {
namespace {

std::vector<std::string> parts_of(const std::string& text, char between) {
  std::vector<std::string> parts;
  size_t begin = 0;
  for (size_t end = 0; end != std::string::npos; begin = end + 1) {
    end = text.find(between, begin);
    parts.push_back(text.substr(begin, end - begin));
  }
  return parts;
}

void add_channel(const std::string& spelling, int32_t channel, FilledLayer& layer) {
  if (std::ranges::find(layer.channels, channel) != layer.channels.end()) {
    throw UserError(joined("--off ", spelling, ": ", layer.layer, ":", channel, " is named twice"));
  }
  layer.channels.push_back(channel);
}

}  // namespace

NodeName node_name(const std::string& spelling) {
  const size_t colon = spelling.rfind(':');
  NodeName node;
  const auto number = [&](const std::string& digits, int64_t& to) {
    const auto value = number_in(digits);
    if (value) to = *value;
    return value.has_value();
  };
  bool right = colon != std::string::npos && colon > 0;
  if (right) {
    node.layer = spelling.substr(0, colon);
    const std::vector<std::string> place = parts_of(spelling.substr(colon + 1), '@');
    node.has_place = place.size() == 2;
    right = place.size() <= 2 && number(place[0], node.channel);
    if (node.has_place) {
      const std::vector<std::string> yx = parts_of(place[1], ',');
      right = right && yx.size() == 2 && number(yx[0], node.y) && number(yx[1], node.x);
    }
  }
  if (right) return node;
  throw UserError(joined("--at '", spelling,
                         "' is not LAYER:CHANNEL or LAYER:CHANNEL@Y,X (as conv5_3:277@7,6)"));
}

std::vector<FilledLayer> channels_off(const std::string& spelling) {
  std::vector<FilledLayer> layers;
  size_t now = 0;
  for (const std::string& part : parts_of(spelling, ',')) {
    const size_t colon = part.rfind(':');
    const std::string digits = colon == std::string::npos ? part : part.substr(colon + 1);
    const auto channel = number_in<int32_t>(digits);
    if (!channel || colon == 0 || (colon == std::string::npos && layers.empty())) {
      throw UserError(
          joined("--off ", spelling, ": give LAYER:CHANNEL,..., as conv4_3:330,12,conv5_3:7"));
    }
    if (colon != std::string::npos) {
      const std::string layer = part.substr(0, colon);
      now = std::ranges::find(layers, layer, &FilledLayer::layer) - layers.begin();
      if (now == layers.size()) layers.push_back({layer, {}});
    }
    add_channel(spelling, *channel, layers[now]);
  }
  return layers;
}

PhotoBox photo_box(const std::string& spelling, const Image& photo) {
  std::vector<int64_t> numbers;
  const std::vector<std::string> parts = parts_of(spelling, ',');
  for (const std::string& part : parts) {
    if (const auto number = number_in(part)) numbers.push_back(*number);
  }
  const auto refuse = [&](const std::string& why) {
    throw UserError(joined("--box ", spelling, ": ", why));
  };
  if (parts.size() != 4 || numbers.size() != 4) {
    refuse("give four whole numbers x,y,width,height, pixels of the photograph");
  }
  const PhotoBox box{numbers[0], numbers[1], numbers[2], numbers[3]};
  if (box.width < 1 || box.height < 1) {
    refuse("the box is empty; give a width and a height of 1 or more");
  }
  if (!is_inside(box, photo)) {
    refuse(joined("the box is not inside the photograph, which has ", photo.width, " x ",
                  photo.height, " pixels (of width and height)"));
  }
  return box;
}

}  // namespace hdecomp
