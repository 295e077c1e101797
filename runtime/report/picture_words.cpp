/// Words and numbers of the pictures, the colour bar.
#include "runtime/report/picture_words.h"

#include <cmath>

#include "hdecomp/error.h"
#include "runtime/report/color_map.h"
#include "weights/file/decimal.h"

namespace hdecomp {
namespace {

Image colour_bar(int64_t height, int64_t width, Colours colours) {
  Image bar{height, width, {}};
  for (int64_t i = 0; i < height * width; ++i) {
    const auto colour =
        colour_at(colours, static_cast<float>(i % width) / static_cast<float>(width - 1));
    bar.rgb.insert(bar.rgb.end(), colour.begin(), colour.end());
  }
  return bar;
}

/// Text that begins at x.
double put(Canvas& canvas, const std::string& words, double x, double y) {
  constexpr double size = 9;
  canvas.text(words, {x, y}, size, soft, Align::start);
  return x + Canvas::text_width(words, size);
}

}  // namespace

std::string layer_words(const Decomposition& step) {
  return joined(step.contribution.size(), " channels, ", step.height, " x ", step.width);
}

std::string part_words(double part) {
  if (part == 0) return "0";
  if (std::abs(part) >= 0.001) return decimal(part, 3);
  std::string words = decimal(part, 1, std::chars_format::scientific);
  const size_t zero = words.find("e-0");
  return zero == words.npos ? words : words.erase(zero + 2, 1);
}

std::string closer_words(double zoom) { return decimal(zoom, 1) + " times closer"; }

std::string value_words(const Tree& tree) {
  constexpr auto general = std::chars_format::general;
  if (!tree.of_class()) return "F " + decimal(tree.root.value, 4, general);
  return joined("score ", decimal(tree.decision.score, 4, general), ", probability ",
                decimal(100 * tree.decision.probability, 1), " %");
}

void draw_legend(Canvas& canvas, int64_t y, int64_t x, Colours colours) {
  constexpr int64_t height = 12, width = 160;
  const auto base = static_cast<double>(y + height - 1);
  const bool is_signed = colours == Colours::signed_;
  const double from = put(canvas, is_signed ? "against" : "0", static_cast<double>(x), base) + 10;
  const int64_t fine = canvas.fineness();
  canvas.paste(colour_bar(fine * height, fine * width, colours), y, static_cast<int64_t>(from));
  put(canvas,
      joined(is_signed ? "for, " : "",
             "the map's own maximum: colours of two maps cannot be compared"),
      from + static_cast<double>(width) + 10, base);
  put(canvas,
      "below a map: its channel, and its part of the positive evidence for the decision at the top",
      static_cast<double>(x), base + 28);
}

}  // namespace hdecomp
