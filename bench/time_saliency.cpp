/// Times gradients to the image, their methods and the experiments on them for one photograph, for
/// bench/compare_torch.py; prints one JSON object.
#include <algorithm>
#include <functional>
#include <map>

#include "bench/json_program.h"
#include "bench/tree_runner.h"
#include "hdecomp/error.h"
#include "hdecomp/experiment.h"
#include "hdecomp/stopwatch.h"
#include "runtime/network/network_input.h"
#include "runtime/saliency/saliency_net.h"
#include "weights/model/device_model.h"

namespace hdecomp {
namespace {

struct Options {
  std::string model, image, task, input;
  int repetitions = 1, warm_up = 0;
  int threads = 0;
  int batch = 1;
  int samples = 50, steps = 20;
};

using Runs = std::vector<double>;

Runs timed(const Options& options, const std::function<void()>& body) {
  Runs ms;
  for (int i = -options.warm_up; i < options.repetitions; ++i) {
    const Stopwatch watch;
    body();
    if (i >= 0) ms.push_back(watch.ms());
  }
  return ms;
}

/// The forward pass, the gradient after it, or a method that runs samples through the network.
Runs of_method(const Options& options, const std::shared_ptr<const ModelData>& model) {
  const Context context({}, options.threads);
  const Image photo = Image::load(options.image);
  NetworkInput network_input(context, model->preprocess);
  const Tensor input = network_input.of({&photo, 1});
  if (!options.input.empty()) write_floats(input, options.input);
  Executor executor(context, *model, options.batch);
  WindowExecutor windows(context, *model, executor);
  SaliencyNet net{context, *model, executor, windows};
  run_inputs(net, input);
  const Tensor& scores = executor.feature(model->graph.scores());
  const int64_t classes = model->graph.shapes[model->graph.scores()].channels;
  const std::vector<int64_t> best{std::max_element(scores.data(), scores.data() + classes) -
                                  scores.data()};
  if (options.task == "forward") return timed(options, [&] { run_inputs(net, input); });
  SaliencyOptions question;
  question.method = saliency_method(options.task);
  question.samples = options.samples;
  const bool own_forward = keeps_features(question.method);
  return timed(options, [&] {
    if (own_forward) run_inputs(net, input);
    saliency_maps(net, best, question);
    if (!own_forward) run_inputs(net, input);  // they read the image from the last run
  });
}

Runs of_experiment(const Options& options, ExperimentKind kind) {
  ExperimentOptions question;
  question.kind = kind;
  question.steps = options.steps;
  question.samples = options.samples;
  Experiment experiment(Model::load(options.model), {"cpu", options.threads, options.batch},
                        question);
  const std::vector<Image> images{Image::load(options.image)};
  const std::vector<int32_t> labels{-1};
  return timed(options, [&] {
    const std::vector<ResultRow> rows = experiment.measure(images, labels);
    if (rows.front().state != ImageState::measured) throw Error("the photograph has no row");
  });
}

nlohmann::json run(const Options& options) {
  const std::map<std::string, ExperimentKind> experiments{
      {"importance", ExperimentKind::importance}, {"randomise", ExperimentKind::randomise}};
  const auto found = experiments.find(options.task);
  const Runs ms =
      found != experiments.end()
          ? of_experiment(options, found->second)
          : of_method(options, std::make_shared<const ModelData>(read_model(options.model)));
  return {{"ms", ms}, {"peak_memory_kib", peak_memory_kib()}};
}

}  // namespace
}  // namespace hdecomp

int main(int argc, char** argv) {
  hdecomp::Options options;
  CLI::App app("Times a saliency method or an experiment for one photograph.", "time_saliency");
  app.add_option("model", options.model, "model file (.h5)")->required();
  app.add_option("image", options.image, "photograph")->required();
  app.add_option("task", options.task, "forward, a method, importance or randomise")->required();
  app.add_option("--input", options.input,
                 "where to write the network's input, raw floats (3, size, size)");
  app.add_option("--repetitions", options.repetitions)->check(CLI::Range(1, 100000));
  app.add_option("--warm-up", options.warm_up, "runs before them")->check(CLI::Range(0, 100000));
  app.add_option("--threads", options.threads, "CPU threads; 0 for every core");
  app.add_option("--batch", options.batch, "inputs at a time")->check(CLI::Range(1, 4096));
  app.add_option("--samples", options.samples)->check(CLI::Range(1, 100000));
  app.add_option("--steps", options.steps, "of importance's path")->check(CLI::Range(1, 100000));
  return hdecomp::json_program(app, argc, argv, [&] { return hdecomp::run(options); });
}
