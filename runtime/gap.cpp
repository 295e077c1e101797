/// gAP through the windows' gradients and the fused reduction, a level at a time.
#include "runtime/gap.h"

#include <algorithm>

#include "kernels/activation_maps.h"
#include "kernels/core/copy.h"
#include "kernels/next_decisions.h"
#include "kernels/topk.h"
#include "nets/layer_names.h"
#include "runtime/level_batches.h"

namespace hdecomp {
namespace {

/// How much of the decision, and of its positive support, the chosen channels are.
void measure_coverage(Decomposition& d) {
  const double area = static_cast<double>(d.height * d.width);  // Z
  double all = 0, chosen = 0;
  for (const float alpha : d.contribution) {
    all += alpha;
    d.positive += std::max(alpha, 0.0f);
  }
  for (const int32_t channel : d.chosen) chosen += d.contribution[channel];
  d.total = all * area;
  d.chosen_of_positive = d.positive > 0 ? chosen / d.positive : 0;
  d.chosen_of_value = chosen * area / d.value;
}

/// Row `decision` of a (D, C) result.
template <class T>
std::vector<T> row(const TensorOf<T>& tensor, int64_t decision) {
  const int64_t columns = tensor.shape()[1];
  const T* begin = tensor.data() + decision * columns;
  return {begin, begin + columns};
}

/// Arrays that follow one another in a level's memory, each from a cache line on.
class Pieces {
 public:
  explicit Pieces(TensorOf<std::byte>& memory) : memory_(memory) {}

  template <class T>
  void next(TensorOf<T>& tensor, const Shape& shape) {
    tensor = {memory_.device(), shape, reinterpret_cast<T*>(memory_.data() + used_)};
    used_ += bytes<T>(shape);
  }
  template <class T>
  static int64_t bytes(const Shape& shape) {
    constexpr int64_t line = 64;
    return (shape.elements() * static_cast<int64_t>(sizeof(T)) + line - 1) / line * line;
  }

 private:
  TensorOf<std::byte>& memory_;
  int64_t used_ = 0;
};

/// The shapes of a level's arrays: (D, C) and (D, N).
struct LevelShape {
  Shape per_channel, per_choice;

  Shape next() const { return {per_choice.elements()}; }
  int64_t bytes() const {
    return 4 * Pieces::bytes<float>(per_channel) + Pieces::bytes<int32_t>(per_channel) +
           Pieces::bytes<int32_t>(per_choice) + Pieces::bytes<float>(per_choice) +
           Pieces::bytes<Place>(next());
  }
};

/// A level without maps in `memory`, of the shape's bytes.
GapLevel lay_out(const LevelShape& shape, TensorOf<std::byte> memory) {
  GapLevel level;
  level.memory = std::move(memory);
  Pieces pieces(level.memory);
  pieces.next(level.reduced.alpha, shape.per_channel);
  pieces.next(level.reduced.peak, shape.per_channel);
  pieces.next(level.reduced.mean_gradient, shape.per_channel);
  pieces.next(level.reduced.max_gradient, shape.per_channel);
  pieces.next(level.reduced.position, shape.per_channel);
  pieces.next(level.chosen, shape.per_choice);
  pieces.next(level.values, shape.per_choice);
  pieces.next(level.next, shape.next());
  return level;
}

/// The same channels for every decision: `chosen` (D, N). Waits for the device.
void choose(const Context& context, const std::vector<int32_t>& channels, IndexTensor& chosen) {
  IndexTensor host({}, chosen.shape());
  for (int64_t i = 0; i < host.elements(); ++i) host.data()[i] = channels[i % channels.size()];
  copy(context, host, chosen);
  context.finish();
}

/// A level's results as the host sees them, complete.
GapLevel read_back(const Context& context, const GapLevel& level) {
  GapLevel host =
      lay_out({level.reduced.alpha.shape(), level.chosen.shape()}, on_host(context, level.memory));
  if (level.maps.data() != nullptr) host.maps = on_host(context, level.maps);
  context.finish();
  return host;
}

Decomposition decomposition_of(const GapLevel& level, int64_t d) {
  Decomposition result;
  result.contribution = row(level.reduced.alpha, d);
  result.peak = row(level.reduced.peak, d);
  result.position = row(level.reduced.position, d);
  result.mean_gradient = row(level.reduced.mean_gradient, d);
  result.max_gradient = row(level.reduced.max_gradient, d);
  result.chosen = row(level.chosen, d);
  std::erase(result.chosen, -1);  // they are the last
  return result;
}

}  // namespace

std::vector<ValuedNeuron> valued(const Executor& executor, int node,
                                 const std::vector<Neuron>& neurons) {
  const std::vector<float> values = executor.values(node, neurons);
  std::vector<ValuedNeuron> result;
  for (size_t i = 0; i < neurons.size(); ++i) result.push_back({neurons[i], values[i]});
  return result;
}

GapLevel take_level(const WindowExecutor& windows, const GapPlan& plan, int64_t decisions) {
  BufferPool& pool = windows.pool();
  const FeatureShape& shape = windows.graph().shapes[plan.to];
  const int64_t n = std::min<int64_t>(plan.top, shape.channels);
  const LevelShape arrays{{decisions, shape.channels}, {decisions, n}};
  GapLevel level = lay_out(arrays, take_tensor<std::byte>(pool, {arrays.bytes()}));
  if (plan.keep_maps)
    level.maps = take_tensor<float>(pool, {decisions, n, shape.height, shape.width});
  return level;
}

void gap_level(WindowExecutor& windows, const GapPlan& plan, std::span<const Neuron> decisions,
               GapLevel& level) {
  const Context& context = windows.context();
  const Tensor& feature = windows.executor().feature(plan.to);
  const int64_t n = level.chosen.shape()[1];
  int64_t begin = 0;
  for_each_batch(windows, {plan.from, plan.to}, decisions, [&](std::span<const Neuron> batch) {
    const int64_t end = begin + std::ssize(batch);
    const WindowBatch gradient = windows.gradients(plan.from, batch, plan.to);  // Eq. 2
    GapResult reduced = rows(level.reduced, begin, end);
    gap_reduce(context, gradient, feature, reduced);  // Eq. 3, 4, 5
    IndexTensor chosen = rows(level.chosen, begin, end);
    if (plan.channels.empty()) {
      topk(context, reduced.alpha, chosen);
    } else {
      choose(context, plan.channels, chosen);
    }
    Tensor values = rows(level.values, begin, end);
    PlaceTensor next = rows(level.next, begin * n, end * n);
    next_decisions(context, batch, chosen, reduced.position, feature, values, next);
    if (plan.keep_maps) {
      Tensor maps = rows(level.maps, begin, end);
      activation_maps(context, gradient, feature, chosen, maps);
    }
    begin = end;
  });
}

std::vector<GapStep> read_level(const WindowExecutor& windows, const GapPlan& plan,
                                const std::vector<LevelRow>& rows, const GapLevel& level) {
  const GapLevel host = read_back(windows.context(), level);
  const FeatureShape& shape = windows.graph().shapes[plan.to];
  const int64_t n = level.chosen.shape()[1], area = shape.height * shape.width;
  std::vector<GapStep> steps(rows.size());
  for (size_t i = 0; i < steps.size(); ++i) {
    const int64_t d = rows[i].row;
    Decomposition& decomposition = steps[i].decomposition = decomposition_of(host, d);
    decomposition.layer = layer_label(windows.graph(), plan.to);
    decomposition.height = shape.height;
    decomposition.width = shape.width;
    decomposition.value = rows[i].value;
    measure_coverage(decomposition);
    steps[i].values = row(host.values, d);
    for (size_t k = 0; plan.keep_maps && k < decomposition.chosen.size(); ++k) {
      const float* map = host.maps.data() + (d * n + static_cast<int64_t>(k)) * area;
      steps[i].maps.emplace_back(map, map + area);
    }
  }
  return steps;
}

std::vector<GapStep> gap_steps(WindowExecutor& windows, const GapPlan& plan,
                               const std::vector<ValuedNeuron>& decisions) {
  const auto count = static_cast<int64_t>(decisions.size());
  if (count == 0) return {};
  std::vector<Neuron> neurons;
  std::vector<LevelRow> rows;
  for (int64_t d = 0; d < count; ++d) {
    neurons.push_back(decisions[d].neuron);
    rows.push_back({d, decisions[d].value});
  }
  const PlaceTensor places = windows.upload(neurons);
  GapLevel level = take_level(windows, plan, count);
  gap_level(windows, plan, places.span(), level);
  return read_level(windows, plan, rows, level);
}

std::vector<TreeNode> evidence(const GapStep& step) {
  const Decomposition& d = step.decomposition;
  std::vector<TreeNode> nodes;
  for (size_t i = 0; i < d.chosen.size(); ++i) {
    const int32_t channel = d.chosen[i];
    TreeNode node;
    node.layer = d.layer;
    node.channel = channel;
    node.y = d.position[channel] / d.width;
    node.x = d.position[channel] % d.width;
    node.contribution = d.contribution[channel];
    node.share = node.contribution / d.positive;
    node.peak = d.peak[channel];
    node.value = step.values[i];
    if (!step.maps.empty()) {
      node.map = std::make_shared<const std::vector<float>>(step.maps[i]);
    }
    nodes.push_back(std::move(node));
  }
  return nodes;
}

}  // namespace hdecomp
