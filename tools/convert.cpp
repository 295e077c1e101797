/// The verbs convert and init: they make model files.
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "hdecomp/hdecomp.h"
#include "hdecomp/number.h"
#include "hdecomp/stopwatch.h"
#include "tools/json_text.h"
#include "tools/verbs.h"

namespace hdecomp::tools {
namespace {

using Json = nlohmann::ordered_json;

int64_t parse_size(const std::string& flag, std::string_view digits) {
  const std::optional<int64_t> value = number_in(digits);
  if (!value || *value < 1) {
    throw UserError(flag + ": give pixels, as 256 (shorter side) or 128x128 (both sides)");
  }
  return *value;
}

InputStatement statement_of(const ConvertCommandOptions& options) {
  InputStatement said;
  if (!options.resize.empty()) {
    const size_t x = options.resize.find('x');
    said.size = parse_size("--resize", options.resize.substr(0, x));
    said.resize = x == std::string::npos ? Resize::shorter_side : Resize::square;
    if (x != std::string::npos &&
        parse_size("--resize", options.resize.substr(x + 1)) != said.size) {
      throw UserError("--resize: both sides must become the same, as 128x128");
    }
  }
  if (!options.interpolation.empty()) {
    said.interpolation = options.interpolation == "bicubic"   ? Interpolation::bicubic
                         : options.interpolation == "nearest" ? Interpolation::nearest
                                                              : Interpolation::bilinear;
  }
  said.crop = options.crop;
  said.mean = options.mean;
  said.std = options.std;
  if (!options.channel_order.empty()) {
    said.channel_order = options.channel_order == "bgr" ? ChannelOrder::bgr : ChannelOrder::rgb;
  }
  said.pixel_range = options.pixel_range;
  return said;
}

const char* shown(Interpolation interpolation) {
  switch (interpolation) {
    case Interpolation::bicubic:
      return "bicubic, antialiased";
    case Interpolation::nearest:
      return "nearest";
    default:
      return "bilinear, antialiased";
  }
}

Json numbers(const std::array<float, 3>& values) {
  Json list = Json::array();
  for (const float value : values) {
    // Six digits: without what scaling by 255 left behind.
    list.push_back(number_in<double>(joined(value)).value_or(value));
  }
  return list;
}

/// The whole rule by which photographs become the network's input.
Json input_of(const Model& model) {
  const Preprocess& rule = model.preprocess();
  const ConversionNotes& notes = model.conversion();
  return {{"resize", rule.resize == Resize::square ? "square" : "shorter_side"},
          {"resize_size", rule.size},
          {"interpolation", shown(rule.interpolation)},
          {"crop", rule.crop},
          {"channel_order", notes.channel_order == ChannelOrder::bgr ? "bgr" : "rgb"},
          {"pixel_range", notes.pixel_range},
          {"mean", numbers(notes.mean)},
          {"std", numbers(notes.std)}};
}

std::string line_of(const Json& values) {
  std::string list;
  for (const Json& value : values) list += (list.empty() ? "" : ", ") + value.dump();
  return list;
}

void print_conversion(const Model& model) {
  const Json rule = input_of(model);
  const std::string sides = rule["resize"] == "square" ? "both sides" : "the shorter side";
  const bool bgr = rule["channel_order"] == "bgr";
  std::printf(
      "input: %s resized to %s (%s), centre crop %s, channels %s, pixels 0 to %s, "
      "mean %s, std %s\n",
      sides.c_str(), rule["resize_size"].dump().c_str(),
      rule["interpolation"].get<std::string>().c_str(), rule["crop"].dump().c_str(),
      bgr ? "B, G, R" : "R, G, B", rule["pixel_range"].dump().c_str(),
      line_of(rule["mean"]).c_str(), line_of(rule["std"]).c_str());
  for (const std::string& line : model.conversion().assumed) {
    std::printf("assumed: %s\n", line.c_str());
  }
}

/// `converted`: not made with random weights.
void report(const Model& model, const std::string& output, double ms, bool json, bool converted) {
  if (json) {
    Json result{{"model", output},
                {"arch", model.arch()},
                {"classes", model.output_count()},
                {"input_size", model.preprocess().crop},
                {"source", model.source()}};
    if (converted) {
      result["input"] = input_of(model);
      result["assumed"] = model.conversion().assumed;
    }
    result["timings_ms"] = {{"total", ms}};
    std::printf("%s\n", json_text(result).c_str());
    return;
  }
  std::printf("wrote %s: %s, %lld classes, input %lld x %lld, from %s\n", output.c_str(),
              model.arch().c_str(), static_cast<long long>(model.output_count()),
              static_cast<long long>(model.preprocess().crop),
              static_cast<long long>(model.preprocess().crop), model.source().c_str());
  if (converted) print_conversion(model);
}

}  // namespace

void convert(const ConvertCommandOptions& options) {
  const Stopwatch watch;
  std::optional<bool> stride_in_1x1;
  if (options.stride_in_1x1 || options.stride_in_3x3) stride_in_1x1 = options.stride_in_1x1;
  const Model model =
      Model::convert(options.input, {options.arch, options.classes, options.key, stride_in_1x1,
                                     statement_of(options), options.stages, options.weights_16});
  model.save(options.output);
  report(model, options.output, watch.ms(), options.json, true);
}

void init(const InitOptions& options) {
  const Stopwatch watch;
  const Model model =
      Model::initialise(options.arch, options.seed, options.classes, options.input_size);
  model.save(options.output);
  report(model, options.output, watch.ms(), options.json, false);
}

}  // namespace hdecomp::tools
