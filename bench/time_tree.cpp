/// Times the forward pass and the tree of all stages for one photograph, for
/// bench/compare_torch.py: time_tree MODEL.h5 IMAGE [REPETITIONS [THREADS [INPUT.f32]]] prints one
/// JSON object.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "bench/net_work.h"
#include "hdecomp/error.h"
#include "hdecomp/stopwatch.h"
#include "runtime/preprocess.h"
#include "weights/model_file.h"

namespace hdecomp {
namespace {

struct Options {
  std::string model, image;
  int repetitions = 5;
  int threads = 0;  // 0: every core
  std::string
      input;  // where to write the network's input, raw floats (3, size, size), if not empty
};

/// What was measured; the times are in milliseconds, one per repetition.
struct Measured {
  std::vector<double> forward, tree;
  BuiltTree built;
};

/// One unmeasured run first, which takes the memory and plans the windows.
Measured measure(const Context& context, const ModelData& model, const Tensor& input,
                 int repetitions) {
  Executor executor(context, model);
  WindowExecutor windows(context, model, executor);
  const TreePlan plan = whole_tree(model.graph);
  Measured measured;
  for (int i = 0; i <= repetitions; ++i) {
    const Stopwatch forward;
    executor.forward(input);
    const double forward_ms = forward.ms();
    const Neuron decision = strongest_class(executor.feature(plan.from));
    const Stopwatch tree;
    measured.built = std::move(build_trees(windows, plan, {decision}).front());
    const double tree_ms = tree.ms();
    if (i == 0) continue;
    measured.forward.push_back(forward_ms);
    measured.tree.push_back(tree_ms);
  }
  return measured;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

void write_input(const Tensor& input, const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(input.data()),
             static_cast<std::streamsize>(input.elements() * sizeof(float)));
  file.close();
  if (!file) throw UserError(text(path, ": cannot be written"));
}

/// Of this program alone: getrusage's figure starts with that of the process that called it.
int64_t peak_memory_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word != "VmHWM:") continue;
    int64_t kib = 0;
    status >> kib;
    return kib;
  }
  throw Error("/proc/self/status: no VmHWM");
}

nlohmann::json run(const Options& options) {
  const Context context({}, options.threads);
  const ModelData model = read_model(options.model);
  const Image photo = Image::load(options.image);
  const Tensor input = normalise(network_view(photo, model.preprocess), model.preprocess);
  if (!options.input.empty()) write_input(input, options.input);
  const Measured measured = measure(context, model, input, options.repetitions);
  return {{"forward_ms", measured.forward},
          {"tree_ms", measured.tree},
          {"forward_ms_median", median(measured.forward)},
          {"tree_ms_median", median(measured.tree)},
          {"decision", measured.built.root.channel},
          {"decompositions", measured.built.decompositions},
          {"forward_multiply_adds", forward_multiply_adds(model.graph)},
          {"tree_multiply_adds", measured.built.multiply_adds},
          {"threads", context.threads()},
          {"peak_memory_kib", peak_memory_kib()}};
}

/// A whole number from 0 to 100,000.
int number(const char* argument) {
  char* end = nullptr;
  const long value = std::strtol(argument, &end, 10);
  if (end == argument || *end != '\0' || value < 0 || value > 100000) {
    throw UserError(text("\"", argument, "\": give a whole number from 0 to 100000"));
  }
  return static_cast<int>(value);
}

Options parse(int argc, char** argv) {
  if (argc < 3 || argc > 6) {
    throw UserError("usage: time_tree MODEL.h5 IMAGE [REPETITIONS [THREADS [INPUT.f32]]]");
  }
  Options options;
  options.model = argv[1];
  options.image = argv[2];
  if (argc > 3) options.repetitions = std::max(1, number(argv[3]));
  if (argc > 4) options.threads = number(argv[4]);
  if (argc > 5) options.input = argv[5];
  return options;
}

}  // namespace
}  // namespace hdecomp

int main(int argc, char** argv) {
  try {
    std::cout << hdecomp::run(hdecomp::parse(argc, argv)) << std::endl;
  } catch (const hdecomp::UserError& fault) {
    std::cerr << "time_tree: " << fault.what() << "\n";
    return 2;
  } catch (const std::exception& fault) {
    std::cerr << "time_tree: " << fault.what() << "\n";
    return 1;
  }
}
