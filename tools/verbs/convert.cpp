/// The verbs convert and init: they make model files.
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "hdecomp/hdecomp.h"
#include "hdecomp/number.h"
#include "hdecomp/stopwatch.h"
#include "tools/console/json_text.h"
#include "tools/verbs.h"

namespace hdecomp::tools {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* square_text = "a square";

/// "224", a square, or "96x160", height and width.
PixelSize parse_size(const std::string& flag, std::string_view text, const char* one_number) {
  const size_t x = text.find('x');
  const auto side = [&](std::string_view digits) {
    const std::optional<int64_t> value = number_in(digits);
    if (!value || *value < 1 || digits.front() == '0') {
      throw UserError(joined(flag, ": '", text, "' is no size; give pixels, as 224 (", one_number,
                             ") or 96x160 (height and width)"));
    }
    return *value;
  };
  if (x == std::string_view::npos) return side(text);
  return {side(text.substr(0, x)), side(text.substr(x + 1))};
}

InputStatement statement_of(const ConvertCommandOptions& options) {
  InputStatement said;
  if (!options.resize.empty()) {
    said.size = parse_size("--resize", options.resize, "the shorter side");
    said.resize = options.resize.find('x') != std::string::npos ? Resize::stretch : Resize::cover;
  }
  if (!options.interpolation.empty()) {
    said.interpolation = options.interpolation == "bicubic"   ? Interpolation::bicubic
                         : options.interpolation == "nearest" ? Interpolation::nearest
                                                              : Interpolation::bilinear;
  }
  if (!options.crop.empty()) said.crop = parse_size("--crop", options.crop, square_text);
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

/// One number of a square, else height and width.
Json sides(const PixelSize& size) {
  if (size.is_square()) return size.height;
  return {size.height, size.width};
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
  return {{"resize", resize_name(rule)},
          {"resize_size", sides(rule.size)},
          {"interpolation", shown(rule.interpolation)},
          {"crop", sides(rule.crop)},
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

std::string size_text(const PixelSize& size) {
  return size.is_square() ? joined(size.height) : joined(size);
}

std::string resize_text(const Preprocess& rule) {
  const bool square = rule.size.is_square();
  const char* what = rule.resize == Resize::stretch ? "both sides resized to "
                     : square                       ? "the shorter side resized to "
                                                    : "resized, the aspect ratio kept, to cover ";
  return what + size_text(rule.size);
}

void print_conversion(const Model& model) {
  const Json rule = input_of(model);
  const bool bgr = rule["channel_order"] == "bgr";
  std::printf(
      "input: %s (%s), centre crop %s, channels %s, pixels 0 to %s, "
      "mean %s, std %s\n",
      resize_text(model.preprocess()).c_str(), rule["interpolation"].get<std::string>().c_str(),
      size_text(model.preprocess().crop).c_str(), bgr ? "B, G, R" : "R, G, B",
      rule["pixel_range"].dump().c_str(), line_of(rule["mean"]).c_str(),
      line_of(rule["std"]).c_str());
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
                {"input_size", sides(model.preprocess().crop)},
                {"source", model.source()}};
    if (converted) {
      result["input"] = input_of(model);
      result["assumed"] = model.conversion().assumed;
    }
    result["timings_ms"] = {{"total", ms}};
    std::printf("%s\n", json_text(result).c_str());
    return;
  }
  std::printf("wrote %s: %s, %lld classes, input %s, from %s\n", output.c_str(),
              model.arch().c_str(), static_cast<long long>(model.output_count()),
              joined(model.preprocess().crop).c_str(), model.source().c_str());
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
  PixelSize size;
  if (!options.input_size.empty())
    size = parse_size("--input-size", options.input_size, square_text);
  const Model model = Model::initialise(options.arch, options.seed, options.classes, size);
  model.save(options.output);
  report(model, options.output, watch.ms(), options.json, false);
}

}  // namespace hdecomp::tools
