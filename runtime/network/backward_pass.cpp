/// Whole gradient maps of many images, node by node from the decisions down.
#include "runtime/network/backward_pass.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "kernels/core/copy.h"
#include "runtime/network/backward_run.h"

namespace hdecomp {

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
  std::vector<int> whole = visit.nodes;
  whole.push_back(to);
  Run run(*this, images, rule, nodes_down_to(executor_.graph(), from, to), std::move(whole));
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
  Run run(*this, images, rule, nodes_down_to(executor_.graph(), from, to), {});
  run.seed(from, seeded(from, seeds, images.count));
  go_down_deep(run, from, to, {}, [&](Run& ended) {
    ended.enter(to);
    take(ended.take_laid(to));
  });
}

Tensor BackwardPass::run_from_sums(int from, Tensor gradient, int to, BackwardRule& rule) {
  Run run(*this, {0, 1}, rule, nodes_down_to(executor_.graph(), from, to), {to});
  run.put_laid(from, std::move(gradient));
  run.leave(from);
  return run.take(to);
}

}  // namespace hdecomp
