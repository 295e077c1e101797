/// What experiments on whole images share.
#include "runtime/experiments/image_measure.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "kernels/core/random_normal.h"
#include "nets/layer_names.h"
#include "runtime/explain/decide.h"
#include "runtime/image/pixel_hash.h"
#include "runtime/tree/tree_size.h"

namespace hdecomp {

FieldRow::FieldRow(const std::vector<ResultField>& fields) {
  for (const ResultField& field : fields) {
    begins_.push_back(std::ssize(values_));
    values_.resize(values_.size() + field.size(), std::numeric_limits<float>::quiet_NaN());
  }
  begins_.push_back(std::ssize(values_));
}

void FieldRow::set(size_t field, int64_t at, double value) {
  values_.at(begins_.at(field) + at) = static_cast<float>(value);
}

TreeMeasure::TreeMeasure(NetworkRunner& network, TreeQuestion question)
    : question_(std::move(question)) {
  require_room(network.windows, question_, false, network.executor.batch());
  for (const int level : question_.levels) {
    layers_.push_back(layer_label(network.graph(), level));
  }
}

std::vector<std::vector<float>> TreeMeasure::rows(NetworkRunner& network,
                                                  std::span<const MeasuredImage> images) {
  std::vector<ValuedNeuron> roots;
  for (const MeasuredImage& one : images) roots.push_back(root_of(one.decision, one.image));
  const std::vector<BuiltTree> trees = network.trees(question_).finish(roots);
  std::vector<std::vector<float>> rows;
  for (size_t i = 0; i < images.size(); ++i) {
    rows.push_back(row(network, trees[i].root, images[i]));
  }
  return rows;
}

size_t TreeMeasure::level_of(const Decomposition& step) const {
  return static_cast<size_t>(std::ranges::find(layers_, step.layer) - layers_.begin());
}

std::vector<int32_t> random_channels(int64_t channels, uint64_t seed, const Image& photo,
                                     uint64_t salt) {
  std::vector<int32_t> order(channels);
  std::iota(order.begin(), order.end(), 0);
  shuffle(std::span(order), stream_of(stream_of(seed, pixel_hash(photo)), salt));
  return order;
}

std::vector<int32_t> ranked(std::span<const double> values) {
  std::vector<int32_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](int32_t a, int32_t b) { return values[a] > values[b]; });
  return order;
}

std::unique_ptr<ImageMeasure> make_image_measure(NetworkRunner& network,
                                                 const std::vector<int>& levels,
                                                 const ExperimentOptions& options) {
  switch (options.kind) {
    case ExperimentKind::sparse:
      return make_sparse_surrogate(network, levels, options);
    case ExperimentKind::importance:
      return make_importance(network, levels, options);
    case ExperimentKind::randomise:
      return make_randomise(network, options);
    case ExperimentKind::discriminate:
      return make_discriminate(network, levels, options);
    case ExperimentKind::attack:
      return make_attack_peaks(network, options);
    case ExperimentKind::context:
      return make_context(network, levels, options);
    case ExperimentKind::class_graph:
      return make_class_graph(network, levels, options);
    case ExperimentKind::what_ifs:
      return make_what_ifs(network, levels, options);
    case ExperimentKind::pcc:
    case ExperimentKind::masking:
    case ExperimentKind::distribution:
      return nullptr;
  }
  return nullptr;
}

}  // namespace hdecomp
