/// Running the network and reading its scores; choosing how trees are built.
#include "runtime/engine.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "hdecomp/error.h"
#include "hdecomp/stopwatch.h"
#include "kernels/core/copy.h"
#include "kernels/softmax.h"
#include "runtime/guided.h"
#include "weights/device_model.h"

namespace hdecomp {
namespace {

int64_t checked_batch(int batch) {
  if (batch >= 1 && batch <= 4096) return batch;
  throw UserError(text("--batch ", batch, ": give 1 to 4096 images"));
}

}  // namespace

Engine::Engine(Model given, const EngineOptions& options)
    : model(std::move(given)),
      context(options.device.empty() ? best_device() : parse_device(options.device),
              options.threads, parse_precision(options.precision)),
      weights(on_device(context, model.data())),
      executor(context, *weights, checked_batch(options.batch)),
      windows(context, *weights, executor),
      keep_last_(options.keep_last),
      input_(context, model.preprocess(), options.batch),
      probabilities_(context.device(), {options.batch, model.class_count()}) {}

double Engine::forward(std::span<const Image> images) {
  const bool one = keep_last_ && images.size() == 1;
  if (one && images[0].height == last_.height && images[0].rgb == last_.rgb) return 0;
  forget();
  const Tensor batch = input_.of(images);
  const Stopwatch watch;
  executor.forward(batch);
  context.finish();
  const double ms = watch.ms();
  read_scores();
  if (one) last_ = images[0];
  return ms;
}

void Engine::read_scores() {
  const Tensor& all = executor.feature(graph().scores());
  const Tensor flat(context.device(), probabilities_.shape(), const_cast<float*>(all.data()));
  softmax_forward(context, flat, probabilities_);
  host_scores_ = on_host(context, flat);
  host_probabilities_ = on_host(context, probabilities_);
  context.finish();
}

void Engine::require_finite(int64_t image) const {
  const int64_t classes = model.class_count();
  for (int64_t i = 0; i < classes; ++i) {
    const float score = host_scores_.data()[image * classes + i];
    if (std::isfinite(score)) continue;
    throw UserError(text("the score of class ", i, " is ", score,
                         "; the model's weights overflow on this image"));
  }
}

std::vector<ClassScore> Engine::ranking(int64_t image, int count) const {
  const int64_t classes = model.class_count();
  const float* scores = host_scores_.data() + image * classes;
  std::vector<int64_t> order(classes);
  std::iota(order.begin(), order.end(), int64_t{0});
  const auto shown = std::min<int64_t>(count, classes);
  std::partial_sort(order.begin(), order.begin() + shown, order.end(), [&](int64_t a, int64_t b) {
    return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
  });
  std::vector<ClassScore> result;
  for (int64_t i = 0; i < shown; ++i) result.push_back(score_of(image, order[i]));
  return result;
}

ClassScore Engine::score_of(int64_t image, int64_t index) const {
  const int64_t at = image * model.class_count() + index;
  return {index, model.class_name(index), model.class_wnid(index), host_scores_.data()[at],
          host_probabilities_.data()[at]};
}

std::vector<BuiltTree> Engine::trees(const TreePlan& plan, const std::vector<Neuron>& roots) {
  const bool on_cpu = context.device().kind == DeviceKind::cpu;
  if (on_cpu || !plan.unattended() || !RecordedTrees::fits(graph(), plan, executor.batch())) {
    return build_trees(windows, plan, roots);
  }
  auto& recorded = recordings_[{plan.levels, plan.top, plan.keep_maps}];
  if (!recorded) recorded.emplace(windows, plan, executor.batch());
  return recorded->run(roots);
}

void Engine::add_guided(const TreePlan& plan, int64_t image, TreeNode& root, Timings& timings_ms) {
  const Stopwatch watch;
  attach_guided(windows, plan.levels, image, root);
  timings_ms["guided"] = watch.ms();
}

}  // namespace hdecomp
