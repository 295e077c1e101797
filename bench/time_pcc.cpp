/// Times what `hdecomp pcc` measures of photographs that are in memory already (forward pass, the
/// top-1 path, ablation and correlations), for bench/throughput.py; prints one JSON object.
#include "bench/json_program.h"
#include "hdecomp/experiment.h"
#include "hdecomp/stopwatch.h"

namespace hdecomp {
namespace {

struct Options {
  std::string model;
  std::vector<std::string> images;
  EngineOptions engine;
};

/// Milliseconds of each batch.
std::vector<double> measure(const Options& options) {
  Experiment experiment(Model::load(options.model), options.engine, {});
  std::vector<Image> photos;
  for (const std::string& path : options.images) photos.push_back(Image::load(path));
  const size_t batch = static_cast<size_t>(options.engine.batch);
  const std::span<const Image> all(photos);
  const auto run = [&](size_t begin) {
    const auto some = all.subspan(begin, std::min(batch, all.size() - begin));
    const Stopwatch watch;
    experiment.measure(some, std::vector<int32_t>(some.size(), -1));
    return watch.ms();
  };
  run(0);
  std::vector<double> times;
  for (size_t begin = 0; begin < all.size(); begin += batch) times.push_back(run(begin));
  return times;
}

void add_options(CLI::App& app, Options& options) {
  app.add_option("model", options.model, "model file (.h5)")->required();
  app.add_option("images", options.images, "photographs")->required();
  app.add_option("--threads", options.engine.threads, "CPU threads; 0 for every core");
  app.add_option("--device", options.engine.device, "a GPU where there is one without it");
  app.add_option("--batch", options.engine.batch, "photographs at a time")
      ->check(CLI::Range(1, 4096));
}

}  // namespace
}  // namespace hdecomp

int main(int argc, char** argv) {
  hdecomp::Options options;
  CLI::App app("Times what hdecomp pcc measures of photographs in memory.", "time_pcc");
  hdecomp::add_options(app, options);
  return hdecomp::json_program(app, argc, argv, [&] {
    return nlohmann::json{{"images", options.images.size()}, {"ms", hdecomp::measure(options)}};
  });
}
