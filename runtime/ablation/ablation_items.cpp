/// Lists the planes to fill, gathers the decision's values.
#include "runtime/ablation/ablation_items.h"

#include "kernels/core/copy.h"

namespace hdecomp {
namespace {

/// A list on the task's device after context.finish(), until when it must stay.
template <class T>
TensorOf<T> uploaded(const AblationTask& task, std::vector<T>& list) {
  const TensorOf<T> here({}, {std::ssize(list)}, list.data());
  TensorOf<T> there = task.take<T>(here.shape());
  copy(task.context, here, there);
  return there;
}

/// Elements [begin, end) of a list in the same memory.
template <class T>
TensorOf<T> part(const TensorOf<T>& list, int64_t begin, int64_t end) {
  return {list.device(), {end - begin}, const_cast<T*>(list.data()) + begin};
}

}  // namespace

FilledPlanes::FilledPlanes(const AblationTask& task, const AblationBatches& batches,
                           bool every_channel)
    : context_(task.context), step_(batches.step) {
  std::vector<int32_t> planes;
  std::vector<float> values;
  for (int64_t item = 0; item < task.items(); ++item) {
    for (const int64_t channel : task.filled(item)) {
      const int64_t place = item % step_;
      const int64_t plane = every_channel ? place * task.channels() + channel : place;
      planes.push_back(static_cast<int32_t>(plane));
      values.push_back(task.fills[channel]);
    }
    if (item % step_ == step_ - 1 || item == task.items() - 1) {
      ends_.push_back(std::ssize(planes));
    }
  }
  planes_ = uploaded(task, planes);
  values_ = uploaded(task, values);
  context_.finish();
}

void FilledPlanes::fill(int64_t first, Tensor& maps) const {
  const int64_t which = first / step_;
  const int64_t begin = which == 0 ? 0 : ends_.at(which - 1), end = ends_.at(which);
  fill_planes(context_, part(planes_, begin, end), part(values_, begin, end), maps);
}

DecisionValues::DecisionValues(const AblationTask& task, const AblationBatches& batches)
    : q_(task),
      batches_(batches),
      values_(q_.take<float>({batches.count * batches.places, 1, 1, 1})) {}

void DecisionValues::take(int64_t first, const ItemMaps& maps) {
  const int64_t begin = first / batches_.step * batches_.places;
  Tensor values = rows(values_, begin, begin + batches_.places);
  const Neuron& decision = q_.decision;
  gather_maps(q_.context, maps, {{decision.y, decision.x, 1, 1}, {decision.channel, 0}}, values);
}

std::vector<float> DecisionValues::drops() const {
  const Tensor host = on_host(q_.context, values_);
  q_.context.finish();
  std::vector<float> drops;
  for (int64_t item = 0; item < q_.items(); ++item) {
    const float* batch = host.data() + item / batches_.step * batches_.places;
    drops.push_back(batch[batches_.step] - batch[item % batches_.step]);
  }
  return drops;
}

}  // namespace hdecomp
