/// Runs the ops whose cells are formulas (kernels/cell): activations, scales, moves, arithmetic of
/// two maps, average pools, normalisations.
#include "kernels/cell/cell_ops.h"

#include <memory>

#include "kernels/core/copy.h"
#include "runtime/network/node_runners.h"

namespace hdecomp {
namespace {

/// Of whole maps.
CellOp cell_op(const Node& node, const FeatureShape& in) {
  CellOp op;
  op.formula = traits(node.op).formula.value();
  op.activation = node.activation;
  op.function = node.function;
  op.groups = node.op == Op::channel_shuffle ? node.groups : 1;
  op.first_channel = node.first_channel;
  op.y = node.y, op.x = node.x;
  op.count_padding = node.count_padding;
  op.map_h = in.height, op.map_w = in.width;
  op.window = node.lrn.size, op.before = node.lrn.before;
  op.alpha = node.lrn.alpha, op.beta = node.lrn.beta, op.k = node.lrn.k;
  op.epsilon = node.epsilon;
  return op;
}

/// The op over windows that begin where `given` says.
void place_windows(CellOp& op, const MapsGiven& given) {
  op.out_y = given.y, op.out_x = given.x;
  if (op.formula == CellFormula::mean) {
    op.in_y = given.y * op.y.stride - op.y.pad;
    op.in_x = given.x * op.x.stride - op.x.pad;
  } else if (op.formula == CellFormula::move) {
    op.y = op.x = {};  // the windows lie where they belong
  }
}

class CellRunner final : public NodeRunner {
 public:
  explicit CellRunner(const NodePlace& place) : NodeRunner(place) {}

  void add_step(ForwardPlan& plan, int64_t batch, BufferPool& pool) const override {
    const FeatureShape& shape = graph().shapes[index()];
    plan.cell(node().inputs, {batch, shape.channels, shape.height, shape.width},
              cell_op(node(), in()), {weight(), bias()}, over_maps(batch, {}, pool));
  }

  MapsForward over_maps(int64_t, const MapsGiven& given, BufferPool& pool) const override {
    CellOp op = cell_op(node(), in());
    if (given.windows) place_windows(op, given);
    return [this, op, &pool, scratch = std::make_shared<Tensor>()](std::span<const Tensor* const> x,
                                                                   Tensor& y) {
      const int64_t floats = cell_scratch(op, y.shape());
      if (floats > 0 && (scratch->data() == nullptr || scratch->elements() < floats)) {
        *scratch = take_tensor<float>(pool, {floats});
      }
      cell_forward(context(), op, x, weight(), bias(), *scratch, y);
    };
  }

  void window_backward(size_t which, const InputFeatures& features, const WindowBatch& above,
                       const GradientBelow& below) const override {
    cell_window_backward(context(), cell_op(node(), in(which)), which, features, weight(), above,
                         below);
  }

  bool window_in_place(size_t which) const override {
    const FeatureShape& out = graph().shapes[index()];
    switch (traits(node().op).formula.value()) {
      case CellFormula::scalar:
      case CellFormula::affine:
        return true;
      case CellFormula::mul:
        return in(which) == out && in(1 - which).channels == out.channels;
      default:
        return false;
    }
  }

  /// The same formula over a single decision's whole windows, image by image.
  void dense_backward(size_t which, const InputFeatures& features, const Tensor& gradient,
                      Tensor& target) override {
    if (!pool_) {
      pool_ = std::make_shared<BufferPool>(context().device());
      PlaceTensor origin({}, {1});
      origin.data()[0] = {};
      origin_ = copied_to(context().device(), context(), origin);
    }
    for (int64_t image = 0; image < gradient.shape()[0]; ++image) {
      std::vector<Tensor> held(features.size());
      std::vector<const Tensor*> own(features.size());
      for (size_t k = 0; k < features.size(); ++k) {
        if (features[k] == nullptr) continue;
        held[k] = rows(const_cast<Tensor&>(*features[k]), image, image + 1);
        own[k] = &held[k];
      }
      const WindowBatch above = whole_batch(graph().shapes[index()], gradient, image);
      WindowBatch below = whole_batch(in(which), target, image);
      window_backward(which, own, above, {below});
    }
  }

 private:
  const Tensor* weight() const { return has_weights(node()) ? &weights().weight : nullptr; }
  const Tensor* bias() const { return has_weights(node()) ? &weights().bias : nullptr; }

  WindowBatch whole_batch(const FeatureShape& shape, const Tensor& data, int64_t image) const {
    WindowBatch batch;
    batch.window = whole_window(shape.height, shape.width);
    batch.places = origin_.span();
    batch.data = Tensor(data.device(), {shape.channels, 1, shape.height, shape.width},
                        const_cast<float*>(data.data()) + image * shape.elements());
    batch.channels = shape.channels;
    batch.pool = pool_;
    return batch;
  }

  // Of the dense gradient, made when it is first asked for.
  std::shared_ptr<BufferPool> pool_;
  PlaceTensor origin_;  // a decision of image 0
};

}  // namespace

std::unique_ptr<NodeRunner> make_cell_runner(const NodePlace& place) {
  return std::make_unique<CellRunner>(place);
}

}  // namespace hdecomp
