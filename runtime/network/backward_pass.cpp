/// Whole gradient maps of many images, node by node from the decisions down.
#include "runtime/network/backward_pass.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "kernels/core/copy.h"
#include "kernels/map/elementwise.h"
#include "kernels/map/relevance.h"
#include "runtime/network/laid_maps.h"

namespace hdecomp {

Tensor BackwardRule::feature(int node, const Images& images) const {
  return rows(const_cast<Tensor&>(executor_.feature(node)), images.first,
              images.first + images.count);
}

void BackwardRule::pass(Activation activation, const Tensor& feature, Tensor& gradient) const {
  activation_backward(context_, activation, feature, gradient, gradient);
}

void BackwardRule::enter(int node, const Images& images, Tensor& gradient) {
  const Activation activation = graph().nodes[node].activation;
  if (activation != Activation::none) pass(activation, feature(node, images), gradient);
}

void BackwardRule::carry(int node, size_t which, const Images& images, const Tensor& gradient,
                         Tensor& target) {
  carry_by(executor_.runner(node), node, which, images, gradient, target);
}

void BackwardRule::carry_by(NodeRunner& runner, int node, size_t which, const Images& images,
                            const Tensor& gradient, Tensor& target) const {
  const std::vector<int>& inputs = graph().nodes[node].inputs;
  std::vector<Tensor> held(inputs.size());
  std::vector<const Tensor*> features(inputs.size());
  for_each_read(graph().nodes[node], which, [&](size_t k) {
    held[k] = feature(inputs[k], images);
    features[k] = &held[k];
  });
  runner.dense_backward(which, features, gradient, target);
}

void GuidedRule::pass(Activation activation, const Tensor& feature, Tensor& gradient) const {
  BackwardRule::pass(activation, feature, gradient);
  keep_part(context(), Part::positive, gradient, gradient);
}

Tensor BackwardPass::take(int node, int64_t images) const {
  const FeatureShape& shape = executor_.graph().shapes.at(node);
  return take_tensor<float>(executor_.pool(), {images, shape.channels, shape.height, shape.width});
}

/// Each neuron's weight at its place, 0 elsewhere; the weights of one met twice add up.
Tensor BackwardPass::seeded(int from, const std::vector<Seed>& seeds, int64_t images) const {
  const FeatureShape& shape = executor_.graph().shapes.at(from);
  Tensor host({}, {images, shape.channels, shape.height, shape.width});
  std::ranges::fill(host.span(), 0.0f);
  for (const auto& [neuron, weight] : seeds) {
    const auto in = [](int64_t at, int64_t size) { return at >= 0 && at < size; };
    if (!in(neuron.image, images) || !in(neuron.channel, shape.channels) ||
        !in(neuron.y, shape.height) || !in(neuron.x, shape.width)) {
      throw Error(joined("a seed outside ", executor_.graph().nodes[from].name));
    }
    const int64_t plane = neuron.image * shape.channels + neuron.channel;
    host.data()[(plane * shape.height + neuron.y) * shape.width + neuron.x] += weight;
  }
  Tensor seed = take(from, images);
  copy(context_, host, seed);
  context_.finish();
  return seed;
}

class BackwardPass::Run {
 public:
  Run(const BackwardPass& pass, const Images& images, BackwardRule& rule, std::vector<bool> between)
      : pass_(pass),
        context_(pass.context_),
        plan_(pass.executor_.plan()),
        graph_(pass.executor_.graph()),
        images_(images),
        rule_(rule),
        between_(std::move(between)),
        gradients_(graph_.nodes.size()) {}

  /// One image's part of it, whose memory this run keeps.
  Run of(int64_t image) const {
    Run one(pass_, {images_.first + image, 1}, rule_, between_);
    for (size_t node = 0; node < gradients_.size(); ++node) {
      if (gradients_[node].data() == nullptr) continue;
      one.gradients_[node] = rows(const_cast<Tensor&>(gradients_[node]), image, image + 1);
    }
    return one;
  }

  void seed(int node, Tensor plain) { gradients_[node] = laid(node, std::move(plain)); }
  void put_laid(int node, Tensor laid) { gradients_[node] = std::move(laid); }
  Tensor take(int node) { return plain(node, std::move(gradients_[node])); }
  Tensor take_laid(int node) { return std::move(gradients_[node]); }
  bool goes_through(int node) const { return between_[node]; }
  int64_t images() const { return images_.count; }

  /// The highest node from which images go down to `to` one by one.
  int goes_deep_from(int from, int to) const {
    int node = to;
    while (node < from && (!between_[node + 1] || plan_.goes_deep(node + 1))) ++node;
    return node;
  }

  void visit(int node, const Visit& visit) {
    if (std::ranges::find(visit.nodes, node) == visit.nodes.end()) return;
    if (!is_laid(node)) return visit.body(node, gradients_[node]);
    Tensor copy = pass_.take(node, images_.count);
    plan_.unlay(node, gradients_[node], copy);
    visit.body(node, copy);
  }

  /// From a node's output to the sums before its activation.
  void enter(int node) { enter(node, gradients_[node]); }

  /// From there to the outputs of its inputs.
  void leave(int node) {
    Tensor gradient = std::move(gradients_[node]);
    if (splits_as_it_is(node)) return split(node, std::move(gradient));
    if (rule_.takes_any_layout() && plan_.carries(node)) return carry_laid(node, gradient);
    const Tensor above = plain(node, std::move(gradient));
    const std::vector<int>& inputs = graph_.nodes[node].inputs;
    for (size_t which = 0; which < inputs.size(); ++which) {
      if (!between_[inputs[which]]) continue;
      Tensor branch = pass_.take(inputs[which], images_.count);
      rule_.carry(node, which, images_, above, branch);
      add(inputs[which], laid(inputs[which], std::move(branch)));
    }
  }

 private:
  bool is_laid(int node) const { return rule_.takes_any_layout() && plan_.is_laid(node); }

  Tensor laid(int node, Tensor plain) const {
    return is_laid(node) ? hdecomp::laid(pass_.executor_, node, std::move(plain))
                         : std::move(plain);
  }
  Tensor plain(int node, Tensor given) const {
    return is_laid(node) ? unlaid(pass_.executor_, node, std::move(given)) : std::move(given);
  }

  void enter(int node, Tensor& gradient) {
    if (!is_laid(node)) return rule_.enter(node, images_, gradient);
    const Activation activation = graph_.nodes[node].activation;
    if (activation == Activation::none) return;
    for (int64_t i = 0; i < images_.count; ++i) {
      Tensor own = rows(gradient, i, i + 1);
      rule_.pass(activation, plan_.laid(node, images_.first + i), own);
    }
  }

  void carry_laid(int node, const Tensor& gradient) {
    const int input = graph_.nodes[node].inputs[0];
    if (!between_[input]) return;
    Tensor branch = pass_.take(input, images_.count);
    for (int64_t i = 0; i < images_.count; ++i) {
      Tensor to = rows(branch, i, i + 1);
      plan_.carry(node, images_.first + i, rows(gradient, i, i + 1), to);
    }
    add(input, std::move(branch));
  }

  /// Whether a sum's gradient is that of each of its inputs, as it lies.
  bool splits_as_it_is(int node) const {
    const Node& sum = graph_.nodes[node];
    return rule_.takes_any_layout() && sum.op == Op::add &&
           std::ranges::all_of(sum.inputs, [&](int input) {
             return graph_.shapes[input] == graph_.shapes[node] && plan_.lie_alike(input, node);
           });
  }

  void split(int node, Tensor gradient) {
    std::vector<int> inputs = graph_.nodes[node].inputs;
    std::erase_if(inputs, [&](int input) { return !between_[input]; });
    for (size_t k = 0; k < inputs.size(); ++k) {
      if (k + 1 == inputs.size()) return add(inputs[k], std::move(gradient));
      if (gradients_[inputs[k]].data() != nullptr) {
        add_to(gradients_[inputs[k]], gradient);
        continue;
      }
      Tensor copied = pass_.take(inputs[k], images_.count);
      copy(context_, gradient, copied);
      gradients_[inputs[k]] = std::move(copied);
    }
  }

  /// Where branches join again their gradients add up.
  void add(int node, Tensor branch) {
    Tensor& target = gradients_[node];
    if (target.data() == nullptr) {
      target = std::move(branch);
    } else {
      add_to(target, branch);
    }
  }
  void add_to(Tensor& target, const Tensor& branch) const {
    add_forward(context_, target, branch, Activation::none, target);
  }

  const BackwardPass& pass_;
  const Context& context_;
  const ForwardPlan& plan_;
  const Graph& graph_;
  const Images images_;
  BackwardRule& rule_;
  std::vector<bool> between_;
  std::vector<Tensor> gradients_;
};

void BackwardPass::go_down(Run& run, int from, int to, const Visit& visit) const {
  for (int node = from; node > to; --node) {
    if (!run.goes_through(node)) continue;
    if (node != from) run.visit(node, visit);
    run.enter(node);
    run.leave(node);
  }
}

void BackwardPass::go_down_deep(Run& run, int from, int to, const Visit& visit,
                                const std::function<void(Run& run)>& end) const {
  const bool alone = run.images() > 1 && visit.nodes.empty();
  const int split = alone ? run.goes_deep_from(from, to) : to;
  go_down(run, from, split, visit);
  if (split == to) return end(run);
  for (int64_t i = 0; i < run.images(); ++i) {
    Run one = run.of(i);
    go_down(one, split, to, {});
    end(one);
  }
}

Tensor BackwardPass::run(int from, const std::vector<Seed>& seeds, int to, const Images& images,
                         BackwardRule& rule, const Visit& visit) {
  Run run(*this, images, rule, nodes_down_to(executor_.graph(), from, to));
  run.seed(from, seeded(from, seeds, images.count));
  Tensor all;
  int64_t next = 0;
  go_down_deep(run, from, to, visit, [&](Run& ended) {
    ended.visit(to, visit);
    Tensor own = ended.take(to);
    if (ended.images() == images.count) return void(all = std::move(own));
    if (all.data() == nullptr) all = take(to, images.count);
    Tensor there = rows(all, next, next + 1);
    copy(context_, own, there);
    ++next;
  });
  return all;
}

void BackwardPass::run_to_sums(int from, const std::vector<Seed>& seeds, int to,
                               const Images& images, BackwardRule& rule, const Take& take) {
  Run run(*this, images, rule, nodes_down_to(executor_.graph(), from, to));
  run.seed(from, seeded(from, seeds, images.count));
  go_down_deep(run, from, to, {}, [&](Run& ended) {
    ended.enter(to);
    take(ended.take_laid(to));
  });
}

Tensor BackwardPass::run_from_sums(int from, Tensor gradient, int to, BackwardRule& rule) {
  Run run(*this, {0, 1}, rule, nodes_down_to(executor_.graph(), from, to));
  run.put_laid(from, std::move(gradient));
  run.leave(from);
  return run.take(to);
}

}  // namespace hdecomp
