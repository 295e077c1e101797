/// Finding the linear layer that a batch norm belongs to, and scaling it.
#include "weights/import/head_norms.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "hdecomp/error.h"
#include "hdecomp/number.h"
#include "weights/file/in_quotes.h"
#include "weights/import/foreign_names.h"
#include "weights/import/tensor_source.h"

namespace hdecomp {
namespace {

constexpr double torch_epsilon = 1e-5, keras_epsilon = 1e-3;  // PyTorch's and Keras's defaults

/// "fc", 3 of "fc.3".
struct Place {
  std::string sequence;
  int index = 0;
};
std::optional<Place> place_of(const std::string& layer) {
  const size_t dot = layer.rfind('.');
  if (dot == std::string::npos) return {};
  const auto index = number_in<int>(std::string_view(layer).substr(dot + 1));
  if (!index) return {};
  return Place{layer.substr(0, dot), *index};
}

enum class Side { outputs, inputs };

/// Where a norm goes: into a linear layer's outputs or its inputs.
struct Target {
  std::string linear;
  Side side;
};

class NormFolder {
 public:
  NormFolder(TensorFile& file, const HeadLayers& head, const std::string& lead)
      : file_(file), head_(head), source_(file, lead), keras_(file.dialect == Dialect::keras) {}

  void fold(const std::string& norm) {
    const char* mark = keras_ ? "/" : ".";
    const auto name = [&](const char* keras, const char* torch) {
      return norm + mark + (keras_ ? keras : torch);
    };
    const Shape channels = source_.peek(name("moving_mean", "running_mean")).shape();
    if (channels.rank() != 1) {
      source_.refuse(joined("layer ", in_quotes(norm), " is a batch norm of shape ", channels));
    }
    const Target target = target_of(norm, channels[0]);
    const Tensor gamma = source_.take(name("gamma", "weight"), channels);
    const Tensor beta = source_.take(name("beta", "bias"), channels);
    const Tensor mean = source_.take(name("moving_mean", "running_mean"), channels);
    const Tensor variance = source_.take_variance(name("moving_variance", "running_var"), channels);
    std::vector<double> scale, shift;
    for (int64_t c = 0; c < channels[0]; ++c) {
      const double epsilon = source_.epsilon(norm, keras_ ? keras_epsilon : torch_epsilon);
      scale.push_back(gamma.data()[c] / std::sqrt(variance.data()[c] + epsilon));
      shift.push_back(beta.data()[c] - mean.data()[c] * scale.back());
    }
    apply(target, scale, shift);
    file_.remarks.push_back(joined(
        "batch norm ", in_quotes(norm), " is folded into ", in_quotes(target.linear),
        ", which comes ",
        target.side == Side::outputs ? "before it" : "behind it, with no activation between"));
  }

 private:
  std::string weight_of(const std::string& linear) const {
    return weight_name(linear, file_.dialect);
  }
  std::string bias_of(const std::string& linear) const { return bias_name(linear, file_.dialect); }
  int64_t outputs(const std::string& linear) const {
    const Shape& shape = source_.peek(weight_of(linear)).shape();
    return shape.rank() == 0 ? 0 : shape[keras_ ? shape.rank() - 1 : 0];
  }
  int64_t inputs(const std::string& linear) const {
    const int64_t out = outputs(linear);
    return out == 0 ? 0 : source_.peek(weight_of(linear)).elements() / out;
  }

  Target target_of(const std::string& norm, int64_t channels) const {
    const std::optional<Target> target = keras_ ? std::nullopt : by_place(norm);
    if (!target) return by_extent(norm, channels);
    const int64_t fits =
        target->side == Side::outputs ? outputs(target->linear) : inputs(target->linear);
    if (fits == channels) return *target;
    source_.refuse(joined("batch norm ", in_quotes(norm), " has ", channels,
                          " channels, but layer ", in_quotes(target->linear), " ", fits));
  }

  std::optional<Target> by_place(const std::string& norm) const {
    const std::optional<Place> own = place_of(norm);
    if (!own) return {};
    std::optional<Place> before, behind;
    std::string name_before, name_behind;
    for (const std::string& linear : head_.linear) {
      const std::optional<Place> place = place_of(linear);
      if (!place || place->sequence != own->sequence) continue;
      if (place->index < own->index && (!before || place->index > before->index)) {
        before = place;
        name_before = linear;
      }
      if (place->index > own->index && (!behind || place->index < behind->index)) {
        behind = place;
        name_behind = linear;
      }
    }
    const bool next_to = before && before->index + 1 == own->index;
    if (next_to || (before && !behind)) return Target{name_before, Side::outputs};
    if (behind) return Target{name_behind, Side::inputs};
    return {};
  }

  Target by_extent(const std::string& norm, int64_t channels) const {
    std::vector<std::string> fitting;
    for (const std::string& linear : head_.linear) {
      if (outputs(linear) == channels) fitting.push_back(linear);
    }
    if (fitting.size() == 1) return {fitting[0], Side::outputs};
    source_.refuse(joined("batch norm ", in_quotes(norm), " of ", channels, " channels follows ",
                          fitting.empty() ? "no" : "one of several",
                          " linear layers with as many outputs; fold it into its linear layer"));
  }

  /// y = W (s x + t) + b, or y = s (W x + b) + t.
  void apply(const Target& target, const std::vector<double>& scale,
             const std::vector<double>& shift) {
    Tensor& weight = file_.tensors.at(weight_of(target.linear));
    const int64_t out = outputs(target.linear), in = inputs(target.linear);
    auto [place, added] = file_.tensors.try_emplace(bias_of(target.linear));
    if (added) {
      place->second = Tensor(Device{}, {out});
      std::ranges::fill(place->second.span(), 0.0f);
    }
    Tensor& bias = place->second;
    if (bias.elements() != out) {
      source_.refuse(joined("tensor ", source_.in_file(place->first), " has shape ", bias.shape(),
                            ", expected (", out, ")"));
    }
    for (int64_t o = 0; o < out; ++o) {
      double sum = bias.data()[o];
      if (target.side == Side::outputs) sum = sum * scale[o] + shift[o];
      for (int64_t i = 0; i < in; ++i) {
        float& w = weight.data()[keras_ ? i * out + o : o * in + i];
        if (target.side == Side::inputs) sum += w * shift[i];
        w = static_cast<float>(w * scale[target.side == Side::outputs ? o : i]);
      }
      bias.data()[o] = static_cast<float>(sum);
    }
  }

  TensorFile& file_;
  const HeadLayers& head_;
  TensorSource source_;
  bool keras_;
};

}  // namespace

void fold_head_norms(TensorFile& file, const HeadLayers& head, const std::string& lead) {
  NormFolder folder(file, head, lead);
  for (const std::string& norm : head.norms) folder.fold(norm);
}

}  // namespace hdecomp
