/// Layer-wise relevance propagation as a rule of the backward pass: what comes down is relevance R,
/// not a gradient.
#pragma once

#include <vector>

#include "hdecomp/saliency.h"
#include "runtime/network/backward_pass.h"
#include "runtime/saliency/changed_ops.h"

namespace hdecomp {

/// By op: what a layer that shares its relevance R out does, with z its sums before the activation
/// and stab(z) = z + epsilon sign(z):
///   epsilon  R_i = x_i sum over o of w_oi R_o / stab(z_o), z with its bias
///   z+       the same with x+ w+ and x- w- alone, z of these and the positive bias
///   flat     the same with every x_i = w_oi = 1 and no bias
/// Sums, differences and average pools have the epsilon rule; max-pools and moves are the
/// gradient's; activations, affine ops and normalisations pass R as it is. Of a product each factor
/// as large as it gets an equal part, a broadcast one (a gate) none; of a quotient the numerator
/// all.
class RelevanceRule final : public BackwardRule {
 public:
  RelevanceRule(const Context& context, const ModelData& model, const Executor& executor,
                LrpRule rule, float epsilon);

  void enter(int node, const Images& images, Tensor& relevance) override;
  bool takes_any_layout() const override { return false; }
  void carry(int node, size_t which, const Images& images, const Tensor& relevance,
             Tensor& target) override;

 private:
  enum class Kind { gradient, pass, share, first, epsilon, z_plus, flat };
  Kind kind_of(int node) const;
  bool is_signed(int node) const { return signed_[node]; }
  Tensor take(int node, const Images& images) const;
  Tensor part(int node, const Images& images, bool positive) const;
  /// The op's output of these inputs.
  Tensor output(ChangedOps& ops, int node, const std::vector<const Tensor*>& inputs,
                const Images& images) const;
  Tensor sums(int node, const Images& images);
  bool feature_is_sum(int node) const;
  void carry_z_plus(int node, const Images& images, const Tensor& relevance, Tensor& target);
  void carry_share(int node, size_t which, const Tensor& relevance, Tensor& target) const;

  LrpRule rule_;
  float epsilon_;
  int first_layer_ = -1;            // the first convolution or linear layer
  std::vector<bool> signed_;        // whether a node's output may be negative
  std::vector<bool> none_at_zero_;  // whether a node has no relevance where its output is 0
  ChangedOps own_, positive_, negative_, ones_;
};

}  // namespace hdecomp
