/// The executor: one step per node of the graph.
#include "runtime/network/executor.h"

#include "hdecomp/error.h"
#include "kernels/core/copy.h"

namespace hdecomp {

Executor::Executor(const Context& context, const ModelData& model, int64_t batch)
    : context_(context),
      model_(model),
      batch_(batch),
      plan_(make_forward_plan(context, model.store.get())),
      pool_(std::make_shared<BufferPool>(context.device())) {
  plan_->input(feature_shape(0, batch));
  for (int i = 0; i <= model.graph.scores(); ++i) {
    runners_.push_back(make_runner({context, model, i}));
    if (runners_.back()) runners_.back()->add_step(*plan_, batch, *pool_);
  }
}

Shape Executor::feature_shape(int node, int64_t batch) const {
  const FeatureShape& shape = model_.graph.shapes.at(node);
  return {batch, shape.channels, shape.height, shape.width};
}

void Executor::forward(const Tensor& images) {
  const int64_t count = images.shape().rank() == 4 ? images.shape()[0] : 0;
  if (count < 1 || count > batch_ || images.shape() != feature_shape(0, count)) {
    throw Error(joined("the images have shape ", images.shape(), ", expected ",
                       feature_shape(0, batch_), " or fewer of them"));
  }
  plan_->run(images);
}

float Executor::value(int node, const Neuron& neuron) const {
  return values(node, {&neuron, 1}).front();
}

std::vector<float> Executor::values(int node, std::span<const Neuron> neurons) const {
  const FeatureShape& shape = model_.graph.shapes.at(node);
  const float* features = feature(node).data();
  const auto place = [&](const Neuron& neuron) {
    const int64_t plane = neuron.image * shape.channels + neuron.channel;
    return (plane * shape.height + neuron.y) * shape.width + neuron.x;
  };
  std::vector<float> values(neurons.size());
  // Many small copies from a GPU take longer than one of some hundred kilobytes.
  if (neurons.size() > 4 && shape.elements() <= int64_t{1} << 14) {
    const Tensor host = on_host(context_, feature(node));
    context_.finish();
    for (size_t i = 0; i < neurons.size(); ++i) values[i] = host.data()[place(neurons[i])];
    return values;
  }
  for (size_t i = 0; i < neurons.size(); ++i) {
    copy_bytes(context_, features + place(neurons[i]), &values[i], sizeof(float));
  }
  context_.finish();
  return values;
}

}  // namespace hdecomp
