/// What an Explainer runs on: the model on its device, planned, and what the last images gave.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hdecomp/engine_options.h"
#include "runtime/network/classification.h"
#include "runtime/network/network_input.h"
#include "runtime/network/overflow_check.h"
#include "runtime/saliency/saliency_net.h"
#include "runtime/tree/tree_run.h"

namespace hdecomp {

struct NetworkRunner {
  /// Throws UserError, one line, for options that cannot be had.
  NetworkRunner(Model given, const EngineOptions& options);
  /// Waits for the device, which may still write to what is freed.
  ~NetworkRunner();

  const Graph& graph() const { return weights->graph; }

  /// Whether the features are those of these images: with EngineOptions::keep_last, of the last
  /// run's one image.
  bool is_last(std::span<const Image> images) const;
  /// Runs the network on images and waits for nothing. Where the last images are kept their
  /// features are, too.
  std::shared_ptr<const ForwardRun> start_forward(std::span<const Image> images,
                                                  Wanted wanted = Wanted::features);
  /// The same where they are not the last run's; waits for it. Returns the milliseconds of the
  /// forward pass alone, 0 for none.
  double forward(std::span<const Image> images, Wanted wanted = Wanted::features);
  /// Of the last run, which must have been waited for.
  Classification scores() const { return {model, *run_}; }
  const ForwardRun& last_run() const { return *run_; }
  /// What a run's plan says of the engine, of which numbers hang: "device", cpu or cuda, and
  /// "precision" where it is not float32.
  std::map<std::string, std::string> told() const;
  /// Throws ImageError that names the layer if a feature of `image` in a run that was waited for is
  /// not finite; `photo` is that image.
  void require_finite(const ForwardRun& run, int64_t image, const Image& photo);
  /// Has steps count from a baseline; its means go to the device once. Throws Error where there are
  /// none for data_set, or they are another network's.
  void count_from(const BaselineChoice& choice, TreeQuestion& question);
  /// The features are no more what the last run gave.
  void forget() { last_.reset(); }

  /// Photographs as the network's input, (n, 3, h, w) on the device, up to a batch of them; the
  /// next call, or run, writes the same memory.
  Tensor input(std::span<const Image> photos) { return input_.of(photos); }

  /// Trees of the last run's images, not begun; on a GPU recorded and replayed.
  TreeRun trees(TreeQuestion question);
  /// The last run's images for a saliency method.
  SaliencyNet saliency() { return {context, *weights, executor, windows}; }
  void add_guided(const TreeQuestion& question, int64_t image, TreeNode& root, Timings& timings_ms);

  Model model;
  Context context;
  std::shared_ptr<const ModelData> weights;  // the model on the device
  Executor executor;
  WindowExecutor windows;

 private:
  std::string precision_;
  OverflowCheck overflow_;
  bool keep_last_;
  std::optional<Image> last_;  // of the last run, if it was of one image and is to be kept
  NetworkInput input_;
  Tensor probabilities_;  // (batch, K)
  std::shared_ptr<const ForwardRun> run_;
  TreeRecordings recordings_;
  std::shared_ptr<const ChannelMeans> uploaded_;                  // whose means these are:
  std::map<int, std::shared_ptr<const Tensor>> means_on_device_;  // by node
};

}  // namespace hdecomp
