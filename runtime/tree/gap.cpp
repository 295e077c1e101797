/// gAP through the windows' gradients and the fused reduction, a level at a time.
#include "runtime/tree/gap.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "kernels/core/copy.h"
#include "kernels/core/parallel.h"
#include "kernels/gap/activation_maps.h"
#include "kernels/gap/baselines.h"
#include "kernels/gap/cover.h"
#include "kernels/gap/next_decisions.h"
#include "kernels/gap/topk.h"
#include "nets/layer_names.h"
#include "runtime/tree/decisions_at_once.h"
#include "runtime/tree/evidence.h"
#include "runtime/tree/split_level.h"

namespace hdecomp {
namespace {

/// Row `decision` of a (D, C) result, or its first `count` columns.
template <class T>
SharedList<T> row(const HostLevel& level, const TensorOf<T>& tensor, int64_t decision,
                  int64_t count = -1) {
  const int64_t columns = tensor.shape()[1];
  const auto size = static_cast<size_t>(count < 0 ? columns : count);
  return {level.owner, {tensor.data() + decision * columns, size}};
}

/// The same channels for every decision: `chosen` (D, N). Waits for the device.
void choose(const Context& context, const std::vector<int32_t>& channels, IndexTensor& chosen) {
  IndexTensor host({}, chosen.shape());
  for (int64_t i = 0; i < host.elements(); ++i) host.data()[i] = channels[i % channels.size()];
  copy(context, host, chosen);
  context.finish();
}

/// What contributions are counted from, as gap_reduce reads it: the features, or what they are
/// above their baselines.
class CountedFeatures {
 public:
  CountedFeatures(const WindowExecutor& windows, const GapQuestion& question)
      : context_(windows.context()), feature_(windows.executor().feature(question.to)) {
    if (question.baseline == Baseline::zero) return;
    if (question.baseline == Baseline::data_set && question.means == nullptr) {
      throw Error("a baseline without the means of a data set");
    }
    const Shape& shape = feature_.shape();
    baselines_.values = take_tensor<float>(windows.pool(), {shape[0], shape[1]});
    baselines_.magnitudes = take_tensor<float>(windows.pool(), {shape[0], shape[1]});
    above_ = take_tensor<float>(windows.pool(), shape);
    const Tensor* means = question.baseline == Baseline::data_set ? question.means.get() : nullptr;
    subtract_baselines(context_, feature_, means, baselines_, above_);
  }

  const Tensor& counted() const { return above_.data() == nullptr ? feature_ : above_; }
  /// Contributions that are nothing but rounding become 0.
  void clear(std::span<const Neuron> decisions, GapResult& reduced) const {
    if (above_.data() == nullptr) return;
    clear_rounding(context_, decisions, baselines_, reduced.mean_gradient, reduced.alpha);
  }

 private:
  const Context& context_;
  const Tensor& feature_;
  Baselines baselines_;
  Tensor above_;
};

Decomposition decomposition_of(const HostLevel& host, int64_t d, double value) {
  const GapLevel& level = host.level;
  Decomposition result;
  result.value = value;
  result.contribution = row(host, level.reduced.alpha, d);
  result.peak = row(host, level.reduced.peak, d);
  result.position = row(host, level.reduced.position, d);
  result.mean_gradient = row(host, level.reduced.mean_gradient, d);
  result.max_gradient = row(host, level.reduced.max_gradient, d);
  const SharedList<int32_t> chosen = row(host, level.chosen, d);
  const auto none = std::ranges::find(chosen, -1);  // they are the last
  result.chosen = row(host, level.chosen, d, none - chosen.begin());
  return result;
}

std::vector<GapStep> steps_together(WindowExecutor& windows, const GapQuestion& question,
                                    const std::vector<ValuedNeuron>& decisions) {
  if (decisions.empty()) return {};
  std::vector<Neuron> neurons;
  std::vector<ValuedNeuron> in_order = decisions;
  for (size_t i = 0; i < decisions.size(); ++i) {
    neurons.push_back(decisions[i].neuron);
    in_order[i].row = static_cast<int64_t>(i);
  }
  const PlaceTensor places = windows.upload(neurons);
  GapLevel level = take_level(windows, question, std::ssize(decisions));
  gap_level(windows, question, places.span(), level);
  return steps_of(windows, question, in_order, to_host(windows, std::move(level)));
}

}  // namespace

void gap_level(WindowExecutor& windows, const GapQuestion& question,
               std::span<const Neuron> decisions, GapLevel& level) {
  const Context& context = windows.context();
  const Tensor& feature = windows.executor().feature(question.to);
  const CountedFeatures features(windows, question);
  const int64_t n = level.chosen.shape()[1];
  int64_t begin = 0;
  for_each_batch(
      windows, {question.from, question.to}, decisions, [&](std::span<const Neuron> batch) {
        const int64_t end = begin + std::ssize(batch);
        const WindowBatch gradient = windows.gradients(question.from, batch, question.to);  // Eq. 2
        GapResult reduced = rows(level.reduced, begin, end);
        gap_reduce(context, gradient, features.counted(), reduced);  // Eq. 3, 4, 5
        features.clear(batch, reduced);
        IndexTensor chosen = rows(level.chosen, begin, end);
        if (question.channels.empty()) {
          topk(context, reduced.alpha, chosen);
          if (question.cover > 0) keep_cover(context, reduced.alpha, question.cover, chosen);
        } else {
          choose(context, question.channels, chosen);
        }
        Tensor values = rows(level.values, begin, end);
        PlaceTensor next = rows(level.next, begin * n, end * n);
        next_decisions(context, batch, chosen, reduced.position, feature, values, next);
        if (question.keep_maps) {
          Tensor maps = rows(level.maps, begin, end);
          activation_maps(context, gradient, features.counted(), chosen, maps);
        }
        begin = end;
      });
}

std::vector<GapStep> steps_of(const WindowExecutor& windows, const GapQuestion& question,
                              const std::vector<ValuedNeuron>& decisions, const HostLevel& host) {
  const FeatureShape& shape = windows.graph().shapes[question.to];
  const std::string layer = layer_label(windows.graph(), question.to);
  const int64_t n = host.level.chosen.shape()[1], area = shape.height * shape.width;
  std::vector<GapStep> steps(decisions.size());
  parallel_tasks(windows.context(), std::ssize(steps), 128, [&](int64_t i) {
    const int64_t d = decisions[i].row;
    Decomposition& step = steps[i].decomposition = decomposition_of(host, d, decisions[i].value);
    step.layer = layer;
    step.height = shape.height;
    step.width = shape.width;
    measure_coverage(step, {step.chosen.data(), step.chosen.size()});
    steps[i].values = row(host, host.level.values, d, std::ssize(step.chosen));
    steps[i].next = {host.owner, {host.level.next.data() + d * n, step.chosen.size()}};
    for (size_t k = 0; question.keep_maps && k < step.chosen.size(); ++k) {
      const float* map = host.level.maps.data() + (d * n + static_cast<int64_t>(k)) * area;
      steps[i].maps.push_back(
          std::make_shared<const ActivationMap>(std::span(map, area), shape.height, shape.width));
    }
  });
  return steps;
}

std::vector<GapStep> gap_steps(WindowExecutor& windows, const GapQuestion& question,
                               const std::vector<ValuedNeuron>& decisions) {
  constexpr int64_t bytes = int64_t{1} << 26;  // of whole maps
  const auto together = [&](const std::vector<ValuedNeuron>& some) {
    return steps_together(windows, question, some);
  };
  if (!question.keep_maps) return together(decisions);
  const int64_t choices = level_shape(windows.graph(), question, 1).choices;
  const FeatureShape& map = windows.graph().shapes[question.to];
  return steps_in_parts(decisions, decisions_at_once(map, choices, bytes), together);
}

}  // namespace hdecomp
