/// Fully connected layer on the CPU through oneDNN, weights in plain layout so that they are never
/// copied.
#include <optional>

#include "kernels/core/context_cpu.h"
#include "kernels/linear.h"

namespace hdecomp::cpu {
namespace {

using dnnl::memory;

memory::desc matrix(int64_t rows, int64_t columns) {
  return {{rows, columns}, memory::data_type::f32, memory::format_tag::ab};
}

class LinearCpu final : public Linear {
 public:
  LinearCpu(const Context& context, const LinearSpec& spec, const Tensor& weight,
            const Tensor& bias)
      : Linear(spec), context_(context), weight_(weight), bias_(bias) {
    with_dnnl(context_, "linear layer, planning",
              [&] { forward_ = dnnl::inner_product_forward(forward_description()); });
  }

 private:
  dnnl::inner_product_forward::primitive_desc forward_description() const {
    const LinearSpec& s = spec();
    dnnl::primitive_attr attr;
    if (s.relu) {
      dnnl::post_ops fused;
      fused.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
      attr.set_post_ops(fused);
    }
    const dnnl::inner_product_forward::desc op(
        dnnl::prop_kind::forward_inference, matrix(s.batch, s.in_units),
        matrix(s.out_units, s.in_units),
        {{s.out_units}, memory::data_type::f32, memory::format_tag::x},
        matrix(s.batch, s.out_units));
    return {op, attr, context_.cpu().engine};
  }

  void run_forward(const Tensor& x, Tensor& y) override {
    const LinearSpec& s = spec();
    with_dnnl(context_, "linear layer", [&] {
      const memory bias({{s.out_units}, memory::data_type::f32, memory::format_tag::x},
                        context_.cpu().engine, const_cast<float*>(bias_.data()));
      forward_.execute(context_.cpu().stream,
                       {{DNNL_ARG_SRC, view(matrix(s.batch, s.in_units), x.data())},
                        {DNNL_ARG_WEIGHTS, weights()},
                        {DNNL_ARG_BIAS, bias},
                        {DNNL_ARG_DST, view(matrix(s.batch, s.out_units), y.data())}});
      context_.cpu().stream.wait();
    });
  }

  void run_backward_data(const Tensor& dy, Tensor& dx) override {
    const LinearSpec& s = spec();
    with_dnnl(context_, "linear layer, backward", [&] {
      if (!backward_) {
        const dnnl::inner_product_backward_data::desc op(matrix(s.batch, s.in_units),
                                                         matrix(s.out_units, s.in_units),
                                                         matrix(s.batch, s.out_units));
        backward_.emplace(dnnl::inner_product_backward_data::primitive_desc(
            op, context_.cpu().engine, forward_description()));
      }
      backward_->execute(context_.cpu().stream,
                         {{DNNL_ARG_DIFF_DST, view(matrix(s.batch, s.out_units), dy.data())},
                          {DNNL_ARG_WEIGHTS, weights()},
                          {DNNL_ARG_DIFF_SRC, view(matrix(s.batch, s.in_units), dx.data())}});
      context_.cpu().stream.wait();
    });
  }

  memory view(const memory::desc& desc, const float* data) const {
    return {desc, context_.cpu().engine, const_cast<float*>(data)};
  }
  memory weights() const { return view(matrix(spec().out_units, spec().in_units), weight_.data()); }

  const Context& context_;
  const Tensor& weight_;
  const Tensor& bias_;
  dnnl::inner_product_forward forward_;
  std::optional<dnnl::inner_product_backward_data> backward_;
};

}  // namespace

std::unique_ptr<Linear> make_linear(const Context& context, const LinearSpec& spec,
                                    const Tensor& weight, const Tensor& bias) {
  return std::make_unique<LinearCpu>(context, spec, weight, bias);
}

}  // namespace hdecomp::cpu
