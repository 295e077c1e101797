/// Relevance from layer to layer.
#include "runtime/saliency/lrp_rule.h"

#include "hdecomp/error.h"
#include "kernels/core/copy.h"
#include "kernels/map/elementwise.h"
#include "kernels/map/relevance.h"
#include "nets/op_traits.h"
#include "runtime/saliency/lrp_graph.h"

namespace hdecomp {

RelevanceRule::RelevanceRule(const Context& context, const ModelData& model,
                             const Executor& executor, LrpRule rule, float epsilon)
    : BackwardRule(context, executor),
      rule_(rule),
      epsilon_(epsilon),
      first_layer_(first_layer(model.graph)),
      signed_(signed_nodes(model.graph)),
      none_at_zero_(
          none_at_zero(model.graph, rule == LrpRule::epsilon_plus_flat ? first_layer_ : -1)),
      own_(context, model, ChangedOps::Weights::own),
      positive_(context, model, ChangedOps::Weights::positive),
      negative_(context, model, ChangedOps::Weights::negative_without_bias),
      ones_(context, model, ChangedOps::Weights::ones) {}

RelevanceRule::Kind RelevanceRule::kind_of(int node) const {
  const Relevance relevance = traits(graph().nodes[node].op).relevance;
  switch (relevance) {
    case Relevance::gradient:
      return Kind::gradient;
    case Relevance::pass:
      return Kind::pass;
    case Relevance::share:
      return Kind::share;
    case Relevance::first:
      return Kind::first;
    case Relevance::sum:
      return Kind::epsilon;
    case Relevance::convolution:
    case Relevance::linear:
      if (rule_ == LrpRule::epsilon_plus_flat && node == first_layer_) return Kind::flat;
      if (rule_ == LrpRule::epsilon) return Kind::epsilon;
      return relevance == Relevance::convolution ? Kind::z_plus : Kind::epsilon;
  }
  throw Error("relevance: an unknown kind");
}

Tensor RelevanceRule::take(int node, const Images& images) const {
  const FeatureShape& shape = graph().shapes[node];
  return take_tensor<float>(executor().pool(),
                            {images.count, shape.channels, shape.height, shape.width});
}

Tensor RelevanceRule::part(int node, const Images& images, bool positive) const {
  Tensor kept = take(node, images);
  keep_part(context(), positive ? Part::positive : Part::negative, feature(node, images), kept);
  return kept;
}

Tensor RelevanceRule::output(ChangedOps& ops, int node, const std::vector<const Tensor*>& inputs,
                             const Images& images) const {
  Tensor sum = take(node, images);
  // As the dense backward pass does: on the CPU a convolution goes image by image.
  const bool one_by_one =
      context().device().kind == DeviceKind::cpu && graph().nodes[node].op == Op::conv;
  const int64_t at_once = one_by_one ? 1 : images.count;
  for (int64_t first = 0; first < images.count; first += at_once) {
    std::vector<Tensor> held;
    std::vector<const Tensor*> part;
    for (const Tensor* input : inputs)
      held.push_back(rows(*const_cast<Tensor*>(input), first, first + at_once));
    for (const Tensor& tensor : held) part.push_back(&tensor);
    Tensor to = rows(sum, first, first + at_once);
    ops.forward(node, at_once, executor().pool())(part, to);
  }
  return sum;
}

/// Whether z of the epsilon rule is the feature itself. It must be where it can: a z that is near 0
/// would differ from the feature in its last bits, and their quotient in all of them.
bool RelevanceRule::feature_is_sum(int node) const {
  const Activation activation = graph().nodes[node].activation;
  return activation == Activation::none || (activation == Activation::relu && none_at_zero_[node]);
}

/// z of a layer that shares out.
Tensor RelevanceRule::sums(int node, const Images& images) {
  const Kind kind = kind_of(node);
  const std::vector<int>& inputs = graph().nodes[node].inputs;
  if (kind == Kind::epsilon && feature_is_sum(node)) return feature(node, images);
  if (kind == Kind::epsilon) {
    std::vector<Tensor> held;
    std::vector<const Tensor*> features;
    for (const int input : inputs) held.push_back(feature(input, images));
    for (const Tensor& tensor : held) features.push_back(&tensor);
    return output(own_, node, features, images);
  }
  if (kind == Kind::flat) {
    const FeatureShape& in = graph().shapes[inputs[0]];
    const Tensor ones = tensor_of(1, {images.count, in.channels, in.height, in.width}, context());
    Tensor sum = output(ones_, node, {&ones}, images);
    context().finish();  // what it reads goes
    return sum;
  }
  const Tensor positive = part(inputs[0], images, true);
  Tensor sum = output(positive_, node, {&positive}, images);
  if (!is_signed(inputs[0])) return sum;
  const Tensor negative = part(inputs[0], images, false);
  const Tensor other = output(negative_, node, {&negative}, images);
  add_forward(context(), sum, other, Activation::none, sum);
  return sum;
}

void RelevanceRule::enter(int node, const Images& images, Tensor& relevance) {
  const Kind kind = kind_of(node);
  if (kind != Kind::epsilon && kind != Kind::z_plus && kind != Kind::flat) return;
  const Tensor z = sums(node, images);
  stabilised_ratio(context(), relevance, z, epsilon_, relevance);
}

void RelevanceRule::carry_z_plus(int node, const Images& images, const Tensor& relevance,
                                 Tensor& target) {
  const int input = graph().nodes[node].inputs[0];
  carry_by(positive_.of(node), node, 0, images, relevance, target);
  multiply(context(), target, part(input, images, true), target);
  if (!is_signed(input)) return;
  Tensor other = take(input, images);
  carry_by(negative_.of(node), node, 0, images, relevance, other);
  multiply(context(), other, part(input, images, false), other);
  add_forward(context(), target, other, Activation::none, target);
}

/// A product's relevance, to one of its factors.
void RelevanceRule::carry_share(int node, size_t which, const Tensor& relevance,
                                Tensor& target) const {
  const Node& product = graph().nodes[node];
  const auto whole = [&](size_t k) {
    return graph().shapes[product.inputs[k]] == graph().shapes[node];
  };
  if (!whole(which)) return clear(context(), target);
  if (!whole(1 - which)) return copy(context(), relevance, target);
  const Tensor halves = tensor_of(0.5f, relevance.shape(), context());
  multiply(context(), relevance, halves, target);
  context().finish();
}

void RelevanceRule::carry(int node, size_t which, const Images& images, const Tensor& relevance,
                          Tensor& target) {
  switch (kind_of(node)) {
    case Kind::gradient:
      return BackwardRule::carry(node, which, images, relevance, target);
    case Kind::pass:
      return copy(context(), relevance, target);
    case Kind::share:
      return carry_share(node, which, relevance, target);
    case Kind::first:
      return which == 0 ? copy(context(), relevance, target) : clear(context(), target);
    case Kind::flat:
      return carry_by(ones_.of(node), node, which, images, relevance, target);
    case Kind::z_plus:
      return carry_z_plus(node, images, relevance, target);
    case Kind::epsilon:
      carry_by(own_.of(node), node, which, images, relevance, target);
      multiply(context(), target, feature(graph().nodes[node].inputs[which], images), target);
  }
}

}  // namespace hdecomp
