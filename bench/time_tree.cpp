/// Times the forward pass and the tree of all stages for photographs, for
/// bench/time_torch.py; prints one JSON object.
#include <algorithm>

#include "bench/cores_apart.h"
#include "bench/json_program.h"
#include "bench/net_work.h"
#include "bench/tree_runner.h"
#include "hdecomp/error.h"
#include "hdecomp/stopwatch.h"
#include "kernels/core/copy.h"
#include "runtime/network/network_input.h"
#include "weights/model/device_model.h"

namespace hdecomp {
namespace {

struct Options {
  std::string model;
  std::vector<std::string> images;
  int repetitions = 5;
  int threads = 0;
  std::string device, precision = "float32";
  int batch = 1;
  std::string input;
};

/// What was measured; the times are in milliseconds, one per repetition, for the whole batch.
struct Measured {
  std::vector<double> scores, forward, tree, total;
  BuiltTree built;
};

/// The forward pass alone, of which no more than the classes are asked for.
std::vector<double> measure_scores(TreeRunner& runner, const Tensor& images, int repetitions) {
  // At first a process's threads often share a core, until the system moves one.
  constexpr double warm_up_ms = 500;
  const auto pass = [&] {
    const Stopwatch forward;
    runner.forward(images, Wanted::scores);
    runner.context().finish();
    const double ms = forward.ms();
    runner.strongest();
    return ms;
  };
  const Stopwatch begun;
  for (int i = 0; i < warm_up_runs || begun.ms() < warm_up_ms; ++i) pass();
  std::vector<double> times;
  for (int i = 0; i < repetitions; ++i) times.push_back(pass());
  return times;
}

/// Each repetition once, of the batches in turn: the forward pass, its classes read, the trees. The
/// total has all three.
Measured measure(TreeRunner& runner, const std::vector<Tensor>& batches, int repetitions) {
  Measured measured;
  const auto batch = [&](int i) -> const Tensor& {
    return batches[static_cast<size_t>(std::max(i, 0)) % batches.size()];
  };
  measured.scores = measure_scores(runner, batches.front(), repetitions);
  for (int i = -warm_up_runs; i < repetitions; ++i) {
    const Stopwatch forward;
    runner.forward(batch(i));
    runner.context().finish();
    const double forward_ms = forward.ms();
    const std::vector<ValuedNeuron> roots = runner.strongest();
    const Stopwatch tree;
    std::vector<BuiltTree> built = runner.trees(roots);
    if (i < 0) continue;
    measured.tree.push_back(tree.ms());
    measured.forward.push_back(forward_ms);
    measured.built = std::move(built.front());
  }
  // Of several images batch after batch, each begun before the one before is finished.
  const bool ahead = batches.front().shape()[0] > 1;
  if (ahead) runner.begin(batches.front());
  for (int i = -warm_up_runs; i < repetitions; ++i) {
    const Stopwatch total;
    runner.begin(batch(i));
    runner.finish();
    if (i >= 0) measured.total.push_back(total.ms());
  }
  if (ahead) runner.finish();
  return measured;
}

/// The photographs as the network sees them, each of (1, 3, height, width).
std::vector<Tensor> inputs_of(const std::vector<std::string>& paths, const Preprocess& rule) {
  const Context host;
  NetworkInput network_input(host, rule);
  std::vector<Tensor> inputs;
  for (const std::string& path : paths) {
    const Image photo = Image::load(path);
    inputs.push_back(copied_to(Device{}, host, network_input.of({&photo, 1})));
  }
  return inputs;
}

/// All images on the device in batches of `batch`; where there are too few from the first on again.
std::vector<Tensor> batches_of(const Context& context, const std::vector<Tensor>& images,
                               int64_t batch) {
  const Shape& shape = images.front().shape();
  const int64_t all = std::ssize(images);
  std::vector<Tensor> batches;
  for (int64_t begin = 0; begin < all; begin += batch) {
    Tensor host({}, {batch, shape[1], shape[2], shape[3]});
    for (int64_t i = 0; i < batch; ++i) {
      const Tensor& image = images[static_cast<size_t>((begin + i) % all)];
      std::ranges::copy(image.span(), host.data() + i * image.elements());
    }
    batches.push_back(copied_to(context.device(), context, host));
  }
  return batches;
}

nlohmann::json run(const Options& options) {
  const Device device = options.device.empty() ? best_device() : parse_device(options.device);
  const Context context(device, options.threads, parse_precision(options.precision));
  const bool narrow = device == Device{} && context.precision() == Precision::bf16;
  const auto memory = narrow ? ModelMemory::mapped_in_passing : ModelMemory::own;
  const auto model = std::make_shared<const ModelData>(read_model(options.model, memory));
  const std::vector<Tensor> inputs = inputs_of(options.images, model->preprocess);
  if (!options.input.empty()) write_floats(inputs.front(), options.input);
  TreeRunner runner(context, on_device(context, model), options.batch);
  const Measured measured =
      measure(runner, batches_of(context, inputs, options.batch), options.repetitions);
  return {{"scores_ms", measured.scores},
          {"forward_ms", measured.forward},
          {"tree_ms", measured.tree},
          {"total_ms", measured.total},
          {"decision", measured.built.root.channel},
          {"decompositions", measured.built.decompositions},
          {"forward_multiply_adds", forward_multiply_adds(model->graph)},
          {"tree_multiply_adds", measured.built.multiply_adds},
          {"device", to_string(device)},
          {"precision", options.precision},
          {"batch", options.batch},
          {"threads", context.threads()},
          {"cores_apart_ns", cores_apart_ns()},
          {"peak_memory_kib", peak_memory_kib()}};
}

void add_options(CLI::App& app, Options& options) {
  app.add_option("model", options.model, "model file (.h5)")->required();
  app.add_option("images", options.images, "photographs")->required();
  app.add_option("--repetitions", options.repetitions)->check(CLI::Range(1, 100000));
  app.add_option("--threads", options.threads, "CPU threads; 0 for every core");
  app.add_option("--device", options.device, "a GPU where there is one without it");
  app.add_option("--precision", options.precision, "float32, tf32, bf16 or fp16");
  app.add_option("--batch", options.batch, "so many at a time; of one photograph so often")
      ->check(CLI::Range(1, 4096));
  app.add_option("--input", options.input,
                 "where to write the first as the network sees it, raw floats (3, size, size)");
}

}  // namespace
}  // namespace hdecomp

int main(int argc, char** argv) {
  hdecomp::Options options;
  CLI::App app("Times the forward pass and the tree of all stages for photographs.", "time_tree");
  hdecomp::add_options(app, options);
  return hdecomp::json_program(app, argc, argv, [&] { return hdecomp::run(options); });
}
