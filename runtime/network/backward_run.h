/// The gradients of one backward pass on their way down, of all its images or of one.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "kernels/core/copy.h"
#include "kernels/map/elementwise.h"
#include "runtime/network/backward_pass.h"
#include "runtime/network/laid_maps.h"

namespace hdecomp {

/// Gradients by node; those that are laid lie as the plan's outputs.
class BackwardPass::Run {
 public:
  /// `between`: the nodes that are gone through. `whole`: those whose gradient is looked at before
  /// it enters, which therefore comes to them unmasked.
  Run(const BackwardPass& pass, const Images& images, BackwardRule& rule, std::vector<bool> between,
      std::vector<int> whole)
      : pass_(pass),
        context_(pass.context_),
        plan_(pass.executor_.plan()),
        graph_(pass.executor_.graph()),
        images_(images),
        rule_(rule),
        between_(std::move(between)),
        whole_(std::move(whole)),
        gradients_(graph_.nodes.size()),
        unmasked_(graph_.nodes.size()) {}

  /// One image's part of it, whose memory this run keeps.
  Run of(int64_t image) const {
    Run one(pass_, {images_.first + image, 1}, rule_, between_, whole_);
    one.unmasked_ = unmasked_;
    for (size_t node = 0; node < gradients_.size(); ++node) {
      if (gradients_[node].data() == nullptr) continue;
      one.gradients_[node] = rows(const_cast<Tensor&>(gradients_[node]), image, image + 1);
    }
    return one;
  }

  void seed(int node, Tensor plain) { put_laid(node, laid(node, std::move(plain))); }
  void put_laid(int node, Tensor laid) {
    gradients_[node] = std::move(laid);
    unmasked_[node] = true;
  }
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
    if (activation == Activation::none || !unmasked_[node]) return;
    for (int64_t i = 0; i < images_.count; ++i) {
      Tensor own = rows(gradient, i, i + 1);
      rule_.pass(activation, plan_.laid(node, images_.first + i), own);
    }
  }

  void carry_laid(int node, const Tensor& gradient) {
    const int input = graph_.nodes[node].inputs[0];
    if (!between_[input]) return;
    Tensor branch = pass_.take(input, images_.count);
    const Activation passes = entered_with(input);
    for (int64_t i = 0; i < images_.count; ++i) {
      Tensor to = rows(branch, i, i + 1);
      plan_.carry(node, images_.first + i, rows(gradient, i, i + 1), passes, to);
    }
    join(input, std::move(branch));
    if (passes == Activation::none) unmasked_[input] = true;
  }

  /// The activation whose mask may be put on each gradient that comes to a node before they add up.
  Activation entered_with(int node) const {
    const bool whole = std::ranges::find(whole_, node) != whole_.end();
    return whole || !rule_.enters_as_gradient() ? Activation::none : graph_.nodes[node].activation;
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
      unmasked_[inputs[k]] = true;
      if (gradients_[inputs[k]].data() != nullptr) {
        add_to(gradients_[inputs[k]], gradient);
        continue;
      }
      Tensor copied = pass_.take(inputs[k], images_.count);
      copy(context_, gradient, copied);
      gradients_[inputs[k]] = std::move(copied);
    }
  }

  void add(int node, Tensor branch) {
    unmasked_[node] = true;
    join(node, std::move(branch));
  }
  /// Where branches join again their gradients add up.
  void join(int node, Tensor branch) {
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
  std::vector<int> whole_;
  std::vector<Tensor> gradients_;
  std::vector<bool> unmasked_;  // gradients with a part that the node's activation has not masked
};

}  // namespace hdecomp
