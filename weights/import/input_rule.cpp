/// Filling in what the user does not say of a network's input.
#include "weights/import/input_rule.h"

#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"
#include "weights/model/model_format.h"

namespace hdecomp {
namespace {

constexpr int byte_range = 255;

int usual_range(Dialect dialect) { return dialect == Dialect::keras ? byte_range : 1; }

void set_sizes(const InputStatement& said, Preprocess& rule) {
  if (said.resize) {
    rule.resize = *said.resize;
    rule.size = said.size;
    const bool whole = rule.resize == Resize::stretch || !rule.crop.fits_in(rule.size);
    if (whole) rule.crop = rule.size;
  }
  if (said.crop != 0) rule.crop = said.crop;
  if (said.interpolation) rule.interpolation = *said.interpolation;
}

/// Turns B, G, R into R, G, B and back.
void set_order(ChannelOrder order, std::array<float, 3>& values) {
  if (order == ChannelOrder::bgr) std::swap(values[0], values[2]);
}

std::array<float, 3> three(const char* flag, const std::vector<float>& said) {
  if (said.size() == 3) return {said[0], said[1], said[2]};
  if (said.size() == 1) return {said[0], said[0], said[0]};
  throw UserError(joined(flag, ": give one number for each of the three channels, or one for all"));
}

/// A range that is not the framework's own leaves its mean and deviation without a meaning.
void check_range(Dialect dialect, const InputStatement& said) {
  if (!said.pixel_range) return;
  if (*said.pixel_range != 1 && *said.pixel_range != byte_range) {
    throw UserError(joined("--pixel-range: ", *said.pixel_range, "; give 1 or 255"));
  }
  if (*said.pixel_range == usual_range(dialect)) return;
  if (said.mean.empty() || said.std.empty()) {
    throw UserError(joined("--pixel-range ", *said.pixel_range, ": give --mean and --std too; ",
                           dialect == Dialect::keras ? "Keras's are" : "torchvision's are",
                           " for pixels of 0 to ", usual_range(dialect)));
  }
}

void check_mean(const std::vector<float>& mean, int range) {
  constexpr float largest = 10;  // of a mean of pixels from 0 to 1 that anyone could intend
  const bool bytes = std::ranges::any_of(mean, [](float v) { return std::abs(v) > largest; });
  if (range == 1 && bytes) {
    throw UserError(joined("--mean: ", mean[0],
                           " is far outside 0 to 1; for pixels of 0 to 255 add ",
                           "--pixel-range 255"));
  }
}

/// The luminance of a photograph that is R, G and B weighted has the same mean as they have only
/// where theirs are one.
void check_grey(const InputStatement& said, const std::string& path) {
  const auto one = [](const std::vector<float>& values) {
    return !values.empty() && std::ranges::all_of(values, [&](float v) { return v == values[0]; });
  };
  if (one(said.mean) && one(said.std)) return;
  throw UserError(joined(path, ": the network reads grey images, for which there is no usual ",
                         "normalisation; give --mean M --std S, one number each"));
}

}  // namespace

InputRule input_rule(Dialect dialect, const InputStatement& said, const Preprocess& usual,
                     bool grey, const std::string& path) {
  check_range(dialect, said);
  if (grey) check_grey(said, path);
  InputRule result{usual, {}};
  Preprocess& rule = result.rule;
  ConversionNotes& notes = result.notes;
  const ChannelOrder order = dialect == Dialect::keras ? ChannelOrder::bgr : ChannelOrder::rgb;
  notes.channel_order = said.channel_order.value_or(order);
  set_sizes(said, rule);
  const int range = said.pixel_range.value_or(1);
  check_mean(said.mean, range);
  const auto set = [&](const char* flag, const std::vector<float>& values,
                       std::array<float, 3>& stored) {
    if (values.empty()) return;
    stored = three(flag, values);
    set_order(notes.channel_order, stored);
    for (float& value : stored) value /= static_cast<float>(range);
  };
  set("--mean", said.mean, rule.mean);
  set("--std", said.std, rule.std);
  check_preprocess(rule, path);
  const bool all_said = !said.mean.empty() && !said.std.empty();
  notes.pixel_range = all_said ? range : said.pixel_range.value_or(usual_range(dialect));
  const auto shown = [&](std::array<float, 3> values) {
    set_order(notes.channel_order, values);
    for (float& value : values) value *= static_cast<float>(notes.pixel_range);
    return values;
  };
  notes.mean = shown(rule.mean);
  notes.std = shown(rule.std);
  return result;
}

}  // namespace hdecomp
