/// Channel ablation: the choice of the method, the correlation.
#include "runtime/ablation/ablation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "hdecomp/error.h"
#include "runtime/ablation/ablation_fills.h"
#include "runtime/ablation/ablation_task.h"

namespace hdecomp {
namespace {

std::vector<float> drops_of(const Context& context, const ModelData& model,
                            const Executor& executor, const AblationQuestion& question,
                            const Neuron& decision, std::span<const ChannelGroup> groups) {
  const Graph& graph = model.graph;
  const std::vector<bool> between = nodes_down_to(graph, question.from, question.to);
  const AblationTask task{context,
                          model,
                          executor,
                          question.from,
                          question.to,
                          decision,
                          between,
                          ablation_fills(context, executor, question, decision.image),
                          groups,
                          question.stop,
                          question.after_batch};
  return question.method == AblationMethod::naive ? naive_drops(task) : fast_drops(task);
}

double mean(std::span<const float> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

bool is_constant(std::span<const float> values) {
  return std::ranges::all_of(values, [&](float value) { return value == values.front(); });
}

}  // namespace

std::set<int64_t> AblationTask::filled(int64_t item) const {
  if (alone()) return {item};
  return {groups[item].begin(), groups[item].end()};
}

std::vector<float> ablation_drops(const Context& context, const ModelData& model,
                                  const Executor& executor, const AblationQuestion& question,
                                  const Neuron& decision) {
  return drops_of(context, model, executor, question, decision, {});
}

std::vector<float> group_drops(const Context& context, const ModelData& model,
                               const Executor& executor, const AblationQuestion& question,
                               const Neuron& decision, std::span<const ChannelGroup> groups) {
  if (groups.empty()) return {};
  const int64_t channels = model.graph.shapes.at(question.to).channels;
  for (const ChannelGroup& group : groups) {
    for (const int32_t k : group) {
      if (k < 0 || k >= channels) throw Error(joined("channel ", k, " of ", channels));
    }
  }
  return drops_of(context, model, executor, question, decision, groups);
}

double pearson(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size()) {
    throw Error(joined("pearson: ", a.size(), " values beside ", b.size()));
  }
  // The mean of equal numbers may be off by a rounding, which would make noise of a constant.
  if (is_constant(a) || is_constant(b)) return std::numeric_limits<double>::quiet_NaN();
  const double mean_a = mean(a), mean_b = mean(b);
  double both = 0, square_a = 0, square_b = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    both += (a[i] - mean_a) * (b[i] - mean_b);
    square_a += (a[i] - mean_a) * (a[i] - mean_a);
    square_b += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return both / std::sqrt(square_a) / std::sqrt(square_b);
}

}  // namespace hdecomp
