/// Forward pass, tree and dense gradient of the full-size networks, batch 1, with seeded weights.
#include <benchmark/benchmark.h>

#include <algorithm>

#include "bench/net_work.h"
#include "weights/import.h"

namespace hdecomp {
namespace {

const char* const archs[] = {"alexnet", "vgg16", "resnet18", "resnet50"};

struct Loaded {
  ModelData model;
  Context context;
  Executor executor{context, model};

  explicit Loaded(const char* arch) : model(initialise_model(default_params(arch), 0)) {
    const int64_t size = model.params.input_size;
    Tensor image(Device{}, {1, 3, size, size});
    for (int64_t i = 0; i < image.elements(); ++i) {
      image.data()[i] = static_cast<float>(i % 255) / 127 - 1;
    }
    executor.forward(image);
  }
};

void forward(benchmark::State& state) {
  Loaded loaded(archs[state.range(0)]);
  Tensor image(Device{}, loaded.executor.feature(0).shape());
  std::ranges::copy(loaded.executor.feature(0).span(), image.data());
  for (auto _ : state) loaded.executor.forward(image);
  state.SetLabel(archs[state.range(0)]);
  state.counters["GFLOP/s"] = benchmark::Counter(2e-9 * forward_multiply_adds(loaded.model.graph),
                                                 benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(forward)->DenseRange(0, 3)->Unit(benchmark::kMillisecond)->UseRealTime();

/// The tree of all stages below the strongest class, N = 3, after the forward pass.
void tree(benchmark::State& state) {
  Loaded loaded(archs[state.range(0)]);
  WindowExecutor windows(loaded.context, loaded.model, loaded.executor);
  const TreePlan plan = whole_tree(loaded.model.graph);
  const Neuron best = strongest_class(loaded.executor.feature(plan.from));
  int64_t steps = 0;
  for (auto _ : state) steps = build_trees(windows, plan, {best}).front().decompositions;
  state.SetLabel(archs[state.range(0)]);
  state.counters["steps"] = static_cast<double>(steps);
}
BENCHMARK(tree)->DenseRange(0, 3)->Unit(benchmark::kMillisecond)->UseRealTime();

/// The dense reference for one decision: the last stage's strongest feature, to the stage below.
void dense_gradient(benchmark::State& state) {
  Loaded loaded(archs[state.range(0)]);
  const Graph& graph = loaded.model.graph;
  const int from = graph.stage_ends.back().node;
  const int to = graph.stage_ends[graph.stage_ends.size() - 2].node;
  const auto feature = loaded.executor.feature(from).span();
  const int64_t at = std::max_element(feature.begin(), feature.end()) - feature.begin();
  const FeatureShape& shape = graph.shapes[from];
  const Neuron neuron{at / (shape.height * shape.width), at / shape.width % shape.height,
                      at % shape.width};
  for (auto _ : state) benchmark::DoNotOptimize(&loaded.executor.gradient(from, neuron, to));
  state.SetLabel(archs[state.range(0)]);
}
BENCHMARK(dense_gradient)->DenseRange(0, 3)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace hdecomp
