/// Forward pass, trees, their stages and the dense gradient of the full-size networks, with seeded
/// weights, on either device.
#include <algorithm>
#include <array>

#include "bench/bench_main.h"
#include "bench/net_work.h"
#include "bench/tree_runner.h"
#include "hdecomp/error.h"
#include "kernels/core/copy.h"
#include "nets/layer_names.h"
#include "runtime/network/dense_gradient.h"
#include "runtime/tree/gap.h"
#include "weights/model/device_model.h"
#include "weights/model/initialise.h"

namespace hdecomp {
namespace {

using benchmark::Counter;
using benchmark::State;

constexpr std::array nets{"alexnet", "vgg16", "resnet18", "resnet50"};

/// A network after a forward pass, ready for trees.
struct LoadedNet {
  TreeRunner runner;
  Tensor images;  // on the device: an unlike one for each of the batch
  std::vector<ValuedNeuron> roots;

  LoadedNet(const Context& context, std::shared_ptr<const ModelData> model, int64_t batch)
      : runner(context, model, batch) {
    const PixelSize size = model->params.input_size;
    Tensor host({}, {batch, 3, size.height, size.width});
    for (int64_t i = 0; i < host.elements(); ++i) {
      host.data()[i] = static_cast<float>(i * 37 % 255) / 127 - 1;
    }
    images = copied_to(context.device(), context, host);
    forward();
    roots = runner.strongest();
  }

  int64_t batch() const { return images.shape()[0]; }
  const Context& context() const { return runner.context(); }
  void forward() { runner.forward(images); }
};

/// Holds the network asked for last: Google Benchmark calls a benchmark several times.
class Nets {
 public:
  explicit Nets(const Context& context) : context_(context) {}

  LoadedNet& get(const std::string& arch, int64_t batch) {
    if (net_ && arch_ == arch && net_->batch() == batch) return *net_;
    net_.reset();
    if (!model_ || arch_ != arch) {
      model_.reset();
      model_ = on_device(
          context_, std::make_shared<const ModelData>(initialise_model(default_params(arch), 0)));
      arch_ = arch;
    }
    net_ = std::make_unique<LoadedNet>(context_, model_, batch);
    return *net_;
  }

 private:
  const Context& context_;
  std::string arch_;
  std::shared_ptr<const ModelData> model_;
  std::unique_ptr<LoadedNet> net_;
};

/// Runs `body`, which waits for the device at its end, on the wall clock.
template <class Body>
void time_batches(State& state, int64_t batch, Body body) {
  for (int i = 0; i < warm_up_runs; ++i) body();
  for (auto _ : state) body();
  state.counters["images/s"] =
      Counter(static_cast<double>(batch), Counter::kIsIterationInvariantRate);
}

void time_forward(State& state, LoadedNet& net) {
  time_batches(state, net.batch(), [&] {
    net.forward();
    net.context().finish();
  });
  const double operations = 2 * forward_multiply_adds(net.runner.graph()) * net.batch();
  state.counters["GFLOP/s"] = Counter(1e-9 * operations, Counter::kIsIterationInvariantRate);
}

void time_trees(State& state, LoadedNet& net) {
  net.forward();
  net.context().finish();
  int64_t steps = 0;
  time_batches(state, net.batch(),
               [&] { steps = net.runner.trees(net.roots).front().decompositions; });
  state.counters["steps"] = static_cast<double>(steps);
}

/// As a user has it: forward, the classes read, their trees. One image alone, or batch after batch,
/// each begun before the trees of the one before are put together.
void time_both(State& state, LoadedNet& net) {
  const bool ahead = net.batch() > 1;
  if (ahead) net.runner.begin(net.images);
  time_batches(state, net.batch(), [&] {
    net.runner.begin(net.images);
    net.runner.finish();
  });
  if (ahead) net.runner.finish();
}

/// The recorded gap_level of a tree's level `stage`, with all N^l decisions of the real tree.
void time_stage(State& state, LoadedNet& net, size_t stage) {
  const Context& context = net.context();
  const TreeQuestion& question = net.runner.question();
  PlaceTensor roots({}, {net.batch()});
  std::ranges::transform(net.roots, roots.data(), &ValuedNeuron::neuron);
  const PlaceTensor there = copied_to(context.device(), context, roots);
  std::vector<GapLevel> levels;
  std::span<const Neuron> decisions = there.span();
  for (size_t l = 0; l <= stage; ++l) {
    if (l > 0) decisions = levels.back().next.span();
    levels.push_back(take_level(net.runner.windows(), question.step(l), std::ssize(decisions)));
    gap_level(net.runner.windows(), question.step(l), decisions, levels.back());
  }
  context.finish();
  const auto recording = record(
      context,
      [&] { gap_level(net.runner.windows(), question.step(stage), decisions, levels[stage]); },
      &net.runner.windows().pool());
  time_batches(state, net.batch(), [&] {
    recording->replay();
    context.finish();
  });
  state.counters["decisions"] = static_cast<double>(decisions.size());
}

/// The dense reference for one decision: the last stage's strongest feature, to the stage below.
void time_dense(State& state, LoadedNet& net) {
  Executor& executor = net.runner.executor();
  const TreeQuestion& question = net.runner.question();
  const Tensor host = on_host(net.context(), executor.feature(question.levels[0]));
  net.context().finish();
  const FeatureShape& shape = net.runner.graph().shapes[question.levels[0]];
  const auto feature = host.span().first(shape.elements());
  const int64_t at = std::ranges::max_element(feature) - feature.begin();
  const Neuron neuron{at / (shape.height * shape.width), at / shape.width % shape.height,
                      at % shape.width};
  DenseGradient dense(net.context(), executor);
  time_batches(state, 1, [&] {
    dense.of(question.levels[0], neuron, question.levels[1]);
    net.context().finish();
  });
}

/// How one network at one batch size is timed.
using TimeNet = std::function<void(State&, LoadedNet&)>;

void add_net(BenchRun& run, const std::shared_ptr<Nets>& loaded, const std::string& arch,
             int64_t batch) {
  const auto add = [&](const std::string& what, TimeNet time) {
    run.add(joined(what, "/", arch, "/", batch),
            [loaded, arch, batch, time = std::move(time)](State& state) {
              time(state, loaded->get(arch, batch));
            })
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
  };
  add("forward", time_forward);
  add("tree", time_trees);
  add("forward_tree", time_both);
  const Graph graph = build_graph(default_params(arch));
  const std::vector<int> levels = whole_tree(graph).levels;
  for (size_t stage = 0; stage < levels.size(); ++stage) {
    add("stage_" + layer_label(graph, levels[stage]),
        [stage](State& state, LoadedNet& net) { time_stage(state, net, stage); });
  }
  if (batch == 1) add("dense_gradient", time_dense);
}

void add_benchmarks(BenchRun& run) {
  const auto loaded = std::make_shared<Nets>(run.context());
  // As many images as the command takes at a time.
  const int64_t many = run.context().device().kind == DeviceKind::cpu ? 4 : 32;
  for (const char* arch : nets) {
    for (const int64_t batch : {int64_t{1}, many}) add_net(run, loaded, arch, batch);
  }
}

}  // namespace
}  // namespace hdecomp

int main(int argc, char** argv) {
  return hdecomp::bench_main(argc, argv, {}, hdecomp::add_benchmarks);
}
