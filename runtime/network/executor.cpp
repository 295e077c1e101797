/// The executor: one step per node of the graph.
#include "runtime/network/executor.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "kernels/core/copy.h"
#include "runtime/network/node_specs.h"

namespace hdecomp {

Executor::Executor(const Context& context, const ModelData& model, int64_t batch,
                   std::shared_ptr<BufferPool> pool, const ForwardPlan* over)
    : context_(context), model_(model), batch_(batch), pool_(std::move(pool)) {
  for (int i = 0; i <= model.graph.scores(); ++i) {
    runners_.push_back(make_runner({context, model, i}));
  }
  plan_ = planned({}, over);
}

Executor::Executor(const Context& context, const ModelData& model, int64_t batch)
    : Executor(context, model, batch, std::make_shared<BufferPool>(context.device()), nullptr) {}

Executor::Executor(const Context& context, const ModelData& model, const Executor& over)
    : Executor(context, model, over.batch(), over.pool_, over.plan_.get()) {}

namespace {

/// The largest concatenation that reads each node, by node; then the outermost.
std::vector<StepsAhead::Home> homes_of(const Graph& graph, int64_t batch) {
  std::vector<StepsAhead::Home> homes(graph.nodes.size());
  for (int i = 0; i < std::ssize(graph.nodes); ++i) {
    if (graph.nodes[i].op != Op::concat) continue;
    const FeatureShape& all = graph.shapes[i];
    int64_t channel = 0;
    for (const int input : graph.nodes[i].inputs) {
      StepsAhead::Home& home = homes[input];
      if (home.concat < 0 || graph.shapes[home.concat].channels < all.channels) {
        home = {i, channel, {batch, all.channels, all.height, all.width}};
      }
      channel += graph.shapes[input].channels;
    }
  }
  for (auto home = homes.rbegin(); home != homes.rend(); ++home) {  // the outer ones first
    if (home->concat < 0 || homes[home->concat].concat < 0) continue;
    const StepsAhead::Home& outer = homes[home->concat];
    *home = {outer.concat, outer.channel + home->channel, outer.whole};
  }
  return homes;
}

bool moves_channels(Op op) { return op == Op::slice || op == Op::channel_shuffle; }

/// StepsAhead::moved_on of a run that keeps not all; their inputs' last readers become their own.
std::vector<bool> moved_on(const Graph& graph, std::vector<int>& last_readers) {
  std::vector<bool> moved(last_readers.size());
  for (size_t i = 0; i < moved.size(); ++i) {
    const Op op = graph.nodes[i].op;
    moved[i] = last_readers[i] != StepsAhead::kept && (moves_channels(op) || op == Op::concat);
    for (const int input : graph.nodes[i].inputs) {
      if (!moves_channels(op)) moved[input] = false;
    }
  }
  for (size_t i = moved.size(); i-- > 0;) {
    for (const int input : graph.nodes[i].inputs) {
      if (moved[i]) last_readers[input] = std::max(last_readers[input], last_readers[i]);
    }
  }
  return moved;
}

}  // namespace

std::unique_ptr<ForwardPlan> Executor::planned(std::vector<int> last_readers,
                                               const ForwardPlan* over) const {
  std::unique_ptr<ForwardPlan> plan = make_forward_plan(context_, model_.store.get());
  StepsAhead steps;
  if (!last_readers.empty()) steps.moved_on = moved_on(model_.graph, last_readers);
  steps.last_readers = std::move(last_readers);
  steps.homes = homes_of(model_.graph, batch_);
  steps.over = over;
  for (int i = 0; i <= model_.graph.scores(); ++i) {
    const Node& node = model_.graph.nodes[i];
    if (node.op != Op::conv) continue;
    steps.convs.push_back(conv_spec(node, model_.graph.shapes[node.inputs[0]], batch_));
  }
  plan->look_ahead(steps);
  plan->input(feature_shape(0, batch_));
  for (const auto& runner : runners_) {
    if (runner) runner->add_step(*plan, batch_, *pool_);
  }
  return plan;
}

std::vector<int> Executor::last_readers() const {
  std::vector<int> last;
  for (int i = 0; i <= model_.graph.scores(); ++i) {
    last.push_back(i);
    for (const int input : model_.graph.nodes[i].inputs) last[input] = i;
  }
  last[0] = last.back() = StepsAhead::kept;
  for (const int node : watched_) last[node] = StepsAhead::kept;
  return last;
}

const ForwardPlan& Executor::plan_with(int node) const {
  const bool kept = node == 0 || node == model_.graph.scores();
  return kept ? last_plan() : keeping_all();
}

const ForwardPlan& Executor::keeping_all() const {
  if (ran_short_) {
    plan_->run(rows(short_plan_->output(0), 0, images_));
    ran_short_ = false;
  }
  return *plan_;
}

void Executor::watch(const std::vector<int>& nodes) {
  watched_ = nodes;
  plan_->watch(nodes);
}

Shape Executor::feature_shape(int node, int64_t batch) const {
  const FeatureShape& shape = model_.graph.shapes.at(node);
  return {batch, shape.channels, shape.height, shape.width};
}

void Executor::forward(const Tensor& images, Wanted wanted) {
  const int64_t count = images.shape().rank() == 4 ? images.shape()[0] : 0;
  if (count < 1 || count > batch_ || images.shape() != feature_shape(0, count)) {
    throw Error(joined("the images have shape ", images.shape(), ", expected ",
                       feature_shape(0, batch_), " or fewer of them"));
  }
  const bool first = images_ == 0;  // alone it would not pay for a second plan
  images_ = count;
  ran_short_ = wanted == Wanted::scores && !first && model_.graph.has_scores &&
               context_.device().kind == DeviceKind::cpu;
  if (ran_short_ && short_plan_ == nullptr) {
    short_plan_ = planned(last_readers());
    if (!watched_.empty()) short_plan_->watch(watched_);
  }
  (ran_short_ ? *short_plan_ : *plan_).run(images);
}

void Executor::forward_from(int first, int64_t images) {
  if (images < 1 || images > batch_) throw Error(joined("a run of ", images, " images"));
  images_ = images;
  ran_short_ = false;
  plan_->run_from(first, images);
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
