/// How large a network's features can become: where none can leave the numbers of its type, none
/// need be looked at.
#pragma once

#include <span>
#include <vector>

#include "kernels/core/context.h"
#include "weights/model/model_file.h"

namespace hdecomp {

/// Bounds |F| of every layer by those of the layers below: |w x + b| <= max over outputs of sum |w|
/// times max |x|, plus max |b|. Where that grows too far, a layer below is to be watched, whose
/// measured magnitude (kernels/map/largest_magnitudes.h) takes its bound's place.
class OverflowBounds {
 public:
  /// `model` on the host; `input` bounds |x| of the normalised images. Throws UserError that names
  /// the layer for a weight that the precision has no number for.
  OverflowBounds(const Context& context, const ModelData& model, double input);

  /// The nodes whose magnitudes are to be measured, in order.
  const std::vector<int>& watched() const { return watched_; }
  /// Whether all sums of an image with these magnitudes (of watched(), in order) stay finite, for
  /// sure; `input` bounds its own values where they may be larger than normalised pixels.
  bool holds(std::span<const float> magnitudes, double input = 0) const;
  /// The first of watched(), by its place there, with a feature too large for the products that
  /// read it in the context's precision; -1 for none.
  int too_large(std::span<const float> magnitudes) const;

 private:
  struct Gain {
    double factor = 1, bias = 0;
  };

  void measure_gain(const Context& context, const ModelData& model, int node);
  double bound(int node, double input, std::span<const double> below) const;

  const Graph& graph_;
  double input_;
  double most_factor_;        // in the precision of the products
  std::vector<Gain> gains_;   // one per node
  std::vector<bool> factor_;  // whether a product reads the node
  std::vector<int> watched_;
};

/// A normalised image's largest magnitude.
double largest_input(const Preprocess& rule);

}  // namespace hdecomp
