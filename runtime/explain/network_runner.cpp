/// Running the network on images; choosing how trees are built.
#include "runtime/explain/network_runner.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "hdecomp/channel_means.h"
#include "hdecomp/error.h"
#include "hdecomp/stopwatch.h"
#include "kernels/core/copy.h"
#include "runtime/explain/feature_memory.h"
#include "runtime/tree/guided.h"
#include "weights/model/device_model.h"

namespace hdecomp {
namespace {

/// A GPU says itself where its memory ends.
int64_t checked_batch(int batch, const Graph& graph, Device device) {
  if (batch < 1 || batch > 4096) {
    throw UserError(joined("--batch ", batch, ": give 1 to 4096 images"));
  }
  const bool on_host = device.kind == DeviceKind::cpu;
  require_room_for_features(graph, batch,
                            on_host ? available_memory() : std::numeric_limits<int64_t>::max());
  return batch;
}

/// Of memory that comes and goes, how much may wait for its next use from run to run.
int64_t spare_bytes(Device device) {
  return int64_t{1} << (device.kind == DeviceKind::cuda ? 32 : 30);
}

}  // namespace

NetworkRunner::NetworkRunner(Model given, const EngineOptions& options)
    : model(std::move(given)),
      context(options.device.empty() ? best_device() : parse_device(options.device),
              options.threads, parse_precision(options.precision)),
      weights(on_device(context, model.data())),
      executor(context, *weights, checked_batch(options.batch, weights->graph, context.device())),
      windows(context, *weights, executor),
      precision_(options.precision),
      overflow_(context, *model.data(), *weights, executor),
      keep_last_(options.keep_last),
      input_(context, model.preprocess(), options.batch),
      probabilities_(context.device(), {options.batch, model.class_count()}),
      recordings_(windows, options.batch) {}

NetworkRunner::~NetworkRunner() {
  try {
    context.finish();
  } catch (const std::exception&) {  // told of by the call that it failed in, if anyone asked
  }
}

std::map<std::string, std::string> NetworkRunner::told() const {
  std::map<std::string, std::string> told{
      {"device", context.device().kind == DeviceKind::cpu ? "cpu" : "cuda"}};
  if (precision_ != "float32") told["precision"] = precision_;
  return told;
}

bool NetworkRunner::is_last(std::span<const Image> images) const {
  return last_ && images.size() == 1 && images[0].height == last_->height &&
         images[0].width == last_->width && images[0].rgb == last_->rgb &&
         images[0].planes == last_->planes && images[0].input == last_->input;
}

std::shared_ptr<const ForwardRun> NetworkRunner::start_forward(std::span<const Image> images,
                                                               Wanted wanted) {
  const bool keeps = keep_last_ && images.size() == 1;
  forget();
  windows.pool().trim(spare_bytes(context.device()));
  windows.host_pool().trim(spare_bytes({}));
  run_ = std::make_shared<const ForwardRun>(
      hdecomp::start_forward(context, executor, input_.of(images), probabilities_,
                             windows.host_pool(), keeps ? Wanted::features : wanted));
  if (keeps) last_ = images[0];
  return run_;
}

double NetworkRunner::forward(std::span<const Image> images, Wanted wanted) {
  const bool again = is_last(images);
  const auto run = again ? run_ : start_forward(images, wanted);
  try {
    run->read->wait();
  } catch (...) {
    forget();
    throw;
  }
  return again ? 0 : run->ms();
}

void NetworkRunner::require_finite(const ForwardRun& run, int64_t image, const Image& photo) {
  double largest = 0;  // of a network's input itself, which no rule has normalised
  for (const float value : photo.input) largest = std::max(largest, std::fabs(double{value}));
  overflow_.require_finite(
      run, image,
      [&] {
        return input_.of({&photo, 1});
      },
      largest);
}

TreeRun NetworkRunner::trees(TreeQuestion question) {
  const bool on_cpu = context.device().kind == DeviceKind::cpu;
  return {windows, std::move(question), on_cpu ? nullptr : &recordings_};
}

void NetworkRunner::count_from(const BaselineChoice& choice, TreeQuestion& question) {
  question.baseline = choice.baseline;
  question.means.clear();
  if (choice.baseline != Baseline::data_set) return;
  if (choice.means == nullptr) throw Error("a baseline without the means of a data set");
  if (uploaded_ != choice.means) means_on_device_.clear();
  uploaded_ = choice.means;
  for (const int level : question.levels) {
    std::shared_ptr<const Tensor>& there = means_on_device_[level];
    if (there == nullptr) {
      const std::vector<float>& means = choice.means->of(level);
      if (std::ssize(means) != graph().shapes.at(level).channels) {
        throw Error("means of another network");
      }
      const Tensor here({}, {std::ssize(means)}, const_cast<float*>(means.data()));
      auto made = std::make_shared<Tensor>(context.device(), here.shape());
      copy(context, here, *made);
      context.finish();
      there = std::move(made);
    }
    question.means.push_back(there);
  }
}

void NetworkRunner::add_guided(const TreeQuestion& question, int64_t image, TreeNode& root,
                               Timings& timings_ms) {
  const Stopwatch watch;
  attach_guided(windows, question.levels, image, root);
  timings_ms["guided"] = watch.ms();
}

}  // namespace hdecomp
