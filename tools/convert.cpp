/// The verbs convert and init: they make model files.
#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "hdecomp/hdecomp.h"
#include "hdecomp/stopwatch.h"
#include "tools/json_text.h"
#include "tools/verbs.h"

namespace hdecomp::tools {
namespace {

using Json = nlohmann::ordered_json;

int64_t parse_size(const std::string& flag, std::string_view digits) {
  int64_t value = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (fault != std::errc() || end != digits.data() + digits.size() || value < 1) {
    throw UserError(flag + ": give pixels, as 256 (shorter side) or 128x128 (both sides)");
  }
  return value;
}

/// The preprocessing that the flags describe; none if no flag is given, so that the framework's own
/// holds.
std::optional<Preprocess> preprocess_of(const ConvertCommandOptions& options) {
  if (options.resize.empty() && options.crop == 0 && options.mean.empty() && options.std.empty()) {
    return {};
  }
  Preprocess rule;
  if (!options.resize.empty()) {
    const size_t x = options.resize.find('x');
    rule.size = parse_size("--resize", options.resize.substr(0, x));
    if (x != std::string::npos) {
      rule.resize = Resize::square;
      if (parse_size("--resize", options.resize.substr(x + 1)) != rule.size) {
        throw UserError("--resize: both sides must become the same, as 128x128");
      }
    }
    rule.crop = rule.size;
  }
  if (options.crop != 0) rule.crop = options.crop;
  for (size_t i = 0; i < 3; ++i) {
    if (!options.mean.empty()) rule.mean[i] = options.mean[i];
    if (!options.std.empty()) rule.std[i] = options.std[i];
  }
  return rule;
}

void report(const Model& model, const std::string& output, double ms, bool json) {
  if (json) {
    const Json result{{"model", output},
                      {"arch", model.arch()},
                      {"classes", model.class_count()},
                      {"input_size", model.preprocess().crop},
                      {"source", model.source()},
                      {"timings_ms", {{"total", ms}}}};
    std::printf("%s\n", json_text(result).c_str());
    return;
  }
  std::printf("wrote %s: %s, %lld classes, input %lld x %lld, from %s\n", output.c_str(),
              model.arch().c_str(), static_cast<long long>(model.class_count()),
              static_cast<long long>(model.preprocess().crop),
              static_cast<long long>(model.preprocess().crop), model.source().c_str());
}

}  // namespace

void convert(const ConvertCommandOptions& options) {
  const Stopwatch watch;
  const Model model =
      Model::convert(options.input, {options.arch, options.classes, preprocess_of(options)});
  model.save(options.output);
  report(model, options.output, watch.ms(), options.json);
}

void init(const InitOptions& options) {
  const Stopwatch watch;
  const Model model =
      Model::initialise(options.arch, options.seed, options.classes, options.input_size);
  model.save(options.output);
  report(model, options.output, watch.ms(), options.json);
}

}  // namespace hdecomp::tools
