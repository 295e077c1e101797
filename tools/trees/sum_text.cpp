/// The sentence and the bars.
#include "tools/trees/sum_text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "hdecomp/error.h"

namespace hdecomp::tools {
namespace {

constexpr double bar_width = 50;  // columns of the longer bar

std::string four_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

/// Parts of a bar one behind the other, each where it ends when all are laid end to end, so that
/// the whole is as long as their sum.
class Bar {
 public:
  explicit Bar(double scale) : scale_(scale) {}

  void add(double size, const char* mark) {
    size_ += std::max(size, 0.0);
    for (; column_ < std::lround(size_ * scale_); ++column_) text_ += mark;
  }
  const std::string& text() const { return text_; }

 private:
  double scale_, size_ = 0;
  int64_t column_ = 0;
  std::string text_;
};

/// The channels that the evidence stands for.
size_t channels_in(const Decomposition& step) {
  size_t count = step.chosen.size();
  for (const TreeNode& node : step.evidence)
    count += node.extra_peak == 0 ? node.members.size() : 0;
  return count;
}

std::string sentence(const Decomposition& step, const DecisionSum& sum, bool from_zero,
                     const std::string& value) {
  const size_t shown = channels_in(step);
  std::string text =
      joined("the ", value, " of ", four_digits(step.value), ": the ", shown,
             shown == 1 ? " channel" : " channels", " below, of ", step.contribution.size(), " in ",
             step.layer, shown == 1 ? ", adds " : ", add ", four_digits(sum.shown),
             "; other channels for it add ", four_digits(sum.others), ", those against it take ",
             four_digits(sum.against), ", ");
  text += from_zero ? joined("biases ", sum.rest < 0 ? "take " : "add ") : "the baseline is worth ";
  return text + four_digits(from_zero ? std::abs(sum.rest) : sum.rest);
}

}  // namespace

DecisionSum sum_of(const Decomposition& step) {
  const double area = static_cast<double>(step.height * step.width);  // Z of Eq. 4
  const double positive = step.positive * area;
  DecisionSum sum;
  sum.shown = step.chosen_of_value * step.value;
  sum.others = std::max(positive - sum.shown, 0.0);
  sum.against = std::max(positive - step.total, 0.0);
  sum.rest = step.value - step.total;
  return sum;
}

std::string sum_text(const Decomposition& step, const BaselineChoice& baseline,
                     const std::string& value) {
  const DecisionSum sum = sum_of(step);
  const bool from_zero = baseline.baseline == Baseline::zero;
  const double rest_for = std::max(sum.rest, 0.0), rest_against = std::max(-sum.rest, 0.0);
  const double longer = std::max(sum.shown + sum.others + rest_for, sum.against + rest_against);
  if (!(longer > 0)) return "";
  Bar supports(bar_width / longer), opposes(bar_width / longer);
  supports.add(sum.shown, "█");
  supports.add(sum.others, "▓");
  supports.add(rest_for, "░");
  opposes.add(sum.against, "▓");
  opposes.add(rest_against, "░");
  return joined(sentence(step, sum, from_zero, value), "\n  for      ", supports.text(),
                "\n  against  ", opposes.text(), "\n  █ shown  ▓ other channels  ░ ",
                from_zero ? "biases" : "baseline", "\n");
}

}  // namespace hdecomp::tools
