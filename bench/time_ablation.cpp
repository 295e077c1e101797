/// Times the ablation of every channel of every stage along a photograph's top-1 path, beside gAP
/// and the forward pass, for bench/time_torch.py; prints one JSON object.

#include "bench/json_program.h"
#include "bench/tree_runner.h"
#include "hdecomp/error.h"
#include "hdecomp/stopwatch.h"
#include "nets/layer_names.h"
#include "runtime/ablation/ablation.h"
#include "runtime/explain/network_runner.h"

namespace hdecomp {
namespace {

struct Options {
  std::string model, image;
  int repetitions = 3;
  bool naive = false;
  EngineOptions engine;
};

/// One decision of the path; every channel of the question's lower layer is ablated.
struct PathStep {
  AblationQuestion question;
  Neuron decision;
  double value = 0;
};

std::vector<PathStep> path_of(const TreeQuestion& question, const TreeNode& root) {
  std::vector<PathStep> path;
  const TreeNode* node = &root;
  while (node->step) {
    const GapQuestion step = question.step(path.size());
    path.push_back({{step.from, step.to}, {node->channel, node->y, node->x}, node->step->value});
    if (node->children().empty()) break;
    node = &node->children().front();
  }
  return path;
}

using Drops = std::vector<std::vector<float>>;

/// Of each decision of the path, for each channel below it.
Drops all_drops(const NetworkRunner& network, const std::vector<PathStep>& path,
                AblationMethod method) {
  Drops drops;
  for (PathStep step : path) {
    step.question.method = method;
    drops.push_back(ablation_drops(network.context, *network.weights, network.executor,
                                   step.question, step.decision));
  }
  return drops;
}

/// Times in milliseconds, one per repetition.
struct Measured {
  std::vector<double> forward, gap, ablation;
  std::vector<PathStep> path;
  Drops drops;
};

void repeat(NetworkRunner& network, const TreeQuestion& question, const Image& photo,
            Measured& measured, bool is_timed) {
  // Once to bring the weights back that the last ablation drove out of the cache.
  network.forward({&photo, 1});
  const double forward_ms = network.forward({&photo, 1});
  const ClassScore best = network.scores().ranking(0, 1).front();
  const Stopwatch gap;
  const std::vector<BuiltTree> trees =
      network.trees(question).finish({{{best.index, 0, 0, 0}, best.score}});
  const double gap_ms = gap.ms();
  measured.path = path_of(question, trees.front().root);
  const Stopwatch ablation;
  measured.drops = all_drops(network, measured.path, AblationMethod::fast);
  const double ablation_ms = ablation.ms();
  if (!is_timed) return;
  measured.forward.push_back(forward_ms);
  measured.gap.push_back(gap_ms);
  measured.ablation.push_back(ablation_ms);
}

nlohmann::json steps_json(const Graph& graph, const Measured& measured) {
  nlohmann::json steps = nlohmann::json::array();
  for (size_t i = 0; i < measured.path.size(); ++i) {
    const PathStep& step = measured.path[i];
    steps.push_back({{"from", layer_label(graph, step.question.from)},
                     {"to", layer_label(graph, step.question.to)},
                     {"channel", step.decision.channel},
                     {"y", step.decision.y},
                     {"x", step.decision.x},
                     {"value", step.value},
                     {"channels", graph.shapes[step.question.to].channels},
                     {"drops", measured.drops[i]}});
  }
  return steps;
}

nlohmann::json run(const Options& options) {
  const Image photo = Image::load(options.image);
  NetworkRunner network(Model::load(options.model), options.engine);
  TreeQuestion question = whole_tree(network.graph());
  question.top = 1;
  Measured measured;
  const bool on_gpu = network.context.device().kind == DeviceKind::cuda;
  for (int i = on_gpu ? -warm_up_runs : -1; i < options.repetitions; ++i) {
    repeat(network, question, photo, measured, i >= 0);
  }
  nlohmann::json result = {
      {"forward_ms", measured.forward},       {"gap_ms", measured.gap},
      {"ablation_ms", measured.ablation},     {"device", to_string(network.context.device())},
      {"threads", network.context.threads()}, {"steps", steps_json(network.graph(), measured)}};
  if (options.naive) {
    const Stopwatch naive;
    all_drops(network, measured.path, AblationMethod::naive);
    result["naive_ms"] = naive.ms();
  }
  return result;
}

void add_options(CLI::App& app, Options& options) {
  app.add_option("model", options.model, "model file (.h5)")->required();
  app.add_option("image", options.image, "photograph")->required();
  app.add_option("--repetitions", options.repetitions)->check(CLI::Range(1, 100000));
  app.add_flag("--naive", options.naive, "time the naive method too, once");
  app.add_option("--threads", options.engine.threads, "CPU threads; 0 for every core");
  app.add_option("--device", options.engine.device, "a GPU where there is one without it");
  app.add_option("--precision", options.engine.precision, "float32, tf32, bf16 or fp16");
}

}  // namespace
}  // namespace hdecomp

int main(int argc, char** argv) {
  hdecomp::Options options;
  CLI::App app("Times the ablation of every channel along a photograph's top-1 path.",
               "time_ablation");
  hdecomp::add_options(app, options);
  return hdecomp::json_program(app, argc, argv, [&] { return hdecomp::run(options); });
}
