/// Pads, convolves; backward convolves, crops.
#include "kernels/conv/conv_padded.h"

#include <array>

#include "kernels/cell/cell_ops.h"

namespace hdecomp {
namespace {

ConvSpec without_padding(ConvSpec spec) {
  spec.height += spec.y().pad + spec.y().pad_end;
  spec.width += spec.x().pad + spec.x().pad_end;
  spec.pad_h = spec.pad_w = spec.far_h = spec.far_w = 0;
  return spec;
}

class PaddedConv final : public Conv {
 public:
  PaddedConv(const Context& context, const ConvSpec& given, const Tensor& weight,
             const Tensor& bias)
      : Conv(given),
        context_(context),
        inner_(make_conv(context, without_padding(given), weight, bias)),
        padded_(context.device(), inner_->spec().input_shape()) {}

 private:
  void run_forward(const Tensor& x, Tensor& y) override {
    move(x, spec().pad_h, spec().pad_w, padded_);
    inner_->forward(padded_, y);
  }
  void run_backward_data(const Tensor& dy, Tensor& dx) override {
    inner_->backward_data(dy, padded_);
    move(padded_, -spec().pad_h, -spec().pad_w, dx);
  }

  void move(const Tensor& from, int64_t down, int64_t right, Tensor& to) const {
    CellOp op;
    op.formula = CellFormula::move;
    op.y.pad = down, op.x.pad = right;
    const std::array<const Tensor*, 1> inputs{&from};
    Tensor none;
    cell_forward(context_, op, inputs, nullptr, nullptr, none, to);
  }

  const Context& context_;
  std::unique_ptr<Conv> inner_;
  Tensor padded_;
};

}  // namespace

std::unique_ptr<Conv> make_padded_conv(const Context& context, const ConvSpec& spec,
                                       const Tensor& weight, const Tensor& bias) {
  return std::make_unique<PaddedConv>(context, spec, weight, bias);
}

}  // namespace hdecomp
