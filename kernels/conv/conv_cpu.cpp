/// Convolution on the CPU through oneDNN, which chooses the layouts its kernels like best; to a few
/// cells forward as products.
#include <optional>

#include "kernels/conv/conv_rows_cpu.h"
#include "kernels/conv/conv_tiles_cpu.h"
#include "kernels/conv/conv_way_back_dnnl.h"

namespace hdecomp::cpu {
namespace {

using dnnl::memory;

class ConvCpu final : public Conv {
 public:
  ConvCpu(const Context& context, const ConvSpec& spec, const Tensor& weight, const Tensor& bias,
          WeightStore* store)
      : Conv(spec), context_(context), weight_(weight), bias_(bias), store_(store) {
    if (ConvTiles::suits(spec)) {
      tiles_.emplace(context, spec, weight, bias);
    } else if (ConvRows::suits(spec)) {
      rows_.emplace(context, spec, weight, bias);
    }
  }

 private:
  void run_forward(const Tensor& x, Tensor& y) override {
    if (tiles_) return tiles_->run(x, y);
    if (rows_) return rows_->run(x, y);
    if (!forward_) plan_forward();
    forward_->run(x.data(), y.data());
  }

  void run_backward_data(const Tensor& dy, Tensor& dx) override {
    const ConvSpec one = single();
    if (!backward_) {
      backward_.emplace(context_, one, weight_, ConvTerms::plain(one.output_shape()),
                        ConvTerms::plain(one.input_shape()), store_);
    }
    for (int64_t i = 0; i < spec().batch; ++i) {
      backward_->run(dy.data() + i * one.output_shape().elements(),
                     dx.data() + i * one.input_shape().elements());
    }
  }

  void plan_forward() {
    const dnnl::engine& engine = context_.cpu().engine;
    const ConvTerms terms(spec());
    int threads = 0;
    const auto found = describe_conv(
        context_, spec(),
        [&] { return terms.forward(engine, dnnl::algorithm::convolution_direct); }, threads);
    with_dnnl("convolution, planning", threads, [&] {
      forward_.emplace(
          context_, threads, Primitive(context_, found),
          ConvPort(context_, ConvTerms::plain(spec().input_shape()), found.src_desc()),
          ConvPort(context_, ConvTerms::plain(spec().output_shape()), found.dst_desc()));
      LaidWeights weights = terms.weights(context_, weight_, found.weights_desc(), store_);
      forward_->set(
          DNNL_ARG_SRC, DNNL_ARG_DST,
          {{DNNL_ARG_WEIGHTS, weights.memory},
           {DNNL_ARG_BIAS, memory(found.bias_desc(), engine, const_cast<float*>(bias_.data()))}},
          std::move(weights.kept));
    });
  }

  ConvSpec single() const {
    ConvSpec one = spec();
    one.batch = 1;
    return one;
  }

  const Context& context_;
  const Tensor& weight_;
  const Tensor& bias_;
  WeightStore* store_;
  std::optional<ConvTiles> tiles_;  // where one of these is the faster way forward
  std::optional<ConvRows> rows_;
  std::optional<ConvDirection> forward_;
  std::optional<ConvWayBack> backward_;  // of one image
};

}  // namespace

std::unique_ptr<Conv> make_conv(const Context& context, const ConvSpec& spec, const Tensor& weight,
                                const Tensor& bias, WeightStore* store) {
  return std::make_unique<ConvCpu>(context, spec, weight, bias, store);
}

}  // namespace hdecomp::cpu
