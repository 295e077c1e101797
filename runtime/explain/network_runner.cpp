/// Running the network on images; choosing how trees are built.
#include "runtime/explain/network_runner.h"

#include "hdecomp/error.h"
#include "hdecomp/stopwatch.h"
#include "runtime/tree/guided.h"
#include "weights/model/device_model.h"

namespace hdecomp {
namespace {

int64_t checked_batch(int batch) {
  if (batch >= 1 && batch <= 4096) return batch;
  throw UserError(text("--batch ", batch, ": give 1 to 4096 images"));
}

}  // namespace

NetworkRunner::NetworkRunner(Model given, const EngineOptions& options)
    : model(std::move(given)),
      context(options.device.empty() ? best_device() : parse_device(options.device),
              options.threads, parse_precision(options.precision)),
      weights(on_device(context, model.data())),
      executor(context, *weights, checked_batch(options.batch)),
      windows(context, *weights, executor),
      overflow_(context, *model.data(), *weights, executor),
      keep_last_(options.keep_last),
      input_(context, model.preprocess(), options.batch),
      probabilities_(context.device(), {options.batch, model.class_count()}) {}

NetworkRunner::~NetworkRunner() {
  try {
    context.finish();
  } catch (const std::exception&) {  // told of by the call that it failed in, if anyone asked
  }
}

bool NetworkRunner::is_last(std::span<const Image> images) const {
  return keep_last_ && images.size() == 1 && images[0].height == last_.height &&
         images[0].rgb == last_.rgb;
}

std::shared_ptr<const ForwardRun> NetworkRunner::start_forward(std::span<const Image> images) {
  forget();
  run_ = std::make_shared<const ForwardRun>(hdecomp::start_forward(
      context, executor, input_.of(images), probabilities_, windows.host_pool()));
  if (keep_last_ && images.size() == 1) last_ = images[0];
  return run_;
}

double NetworkRunner::forward(std::span<const Image> images) {
  const bool again = is_last(images);
  const auto run = again ? run_ : start_forward(images);
  try {
    run->read->wait();
  } catch (...) {
    forget();
    throw;
  }
  return again ? 0 : run->ms();
}

void NetworkRunner::require_finite(const ForwardRun& run, int64_t image, const Image& photo) {
  overflow_.require_finite(run, image, [&] { return input_.of({&photo, 1}); });
}

RecordedTrees* NetworkRunner::recorded(const TreeQuestion& plan) {
  const bool on_cpu = context.device().kind == DeviceKind::cpu;
  if (on_cpu || !plan.unattended() || !RecordedTrees::fits(graph(), plan, executor.batch())) {
    return nullptr;
  }
  auto& recorded = recordings_[{plan.levels, plan.top, plan.keep_maps}];
  if (!recorded) recorded.emplace(windows, plan, executor.batch());
  return &*recorded;
}

std::vector<BuiltTree> NetworkRunner::trees(const TreeQuestion& plan,
                                            const std::vector<Neuron>& roots) {
  RecordedTrees* recorded = this->recorded(plan);
  return recorded != nullptr ? recorded->run(roots) : build_trees(windows, plan, roots);
}

void NetworkRunner::add_guided(const TreeQuestion& plan, int64_t image, TreeNode& root,
                               Timings& timings_ms) {
  const Stopwatch watch;
  attach_guided(windows, plan.levels, image, root);
  timings_ms["guided"] = watch.ms();
}

}  // namespace hdecomp
