/// Convolution on the CPU through oneDNN, which chooses the layouts its kernels like best; to a few
/// cells forward as products; back through Winograd where it wins.
#include <algorithm>
#include <optional>

#include "kernels/conv/conv_dnnl.h"
#include "kernels/conv/conv_rows_cpu.h"
#include "kernels/conv/conv_tiles_cpu.h"

namespace hdecomp::cpu {
namespace {

using dnnl::memory;

/// Plain NCHW on the outside, the layout that the primitive chose on the inside.
class Port {
 public:
  Port(const dnnl::engine& engine, const memory::desc& outside, const memory::desc& inside)
      : outside_(outside, engine, nullptr), inside_(inside, engine, nullptr) {
    direct_ = outside == inside;
  }
  /// A multiple of 64, so that the next port's scratch is aligned too.
  int64_t scratch_bytes() const {
    return direct_ ? 0 : static_cast<int64_t>((inside_.get_desc().get_size() + 63) / 64 * 64);
  }

  /// Points the port at its tensor and at scratch memory for the inner layout.
  void bind(const float* data, void* scratch) {
    outside_.set_data_handle(const_cast<float*>(data));
    inside_.set_data_handle(direct_ ? const_cast<float*>(data) : scratch);
  }
  void enter(dnnl::stream& stream) { copy(stream, outside_, inside_); }
  void leave(dnnl::stream& stream) { copy(stream, inside_, outside_); }
  const memory& inside() const { return inside_; }

 private:
  void copy(dnnl::stream& stream, memory& from, memory& to) {
    if (direct_) return;
    if (!reorder_) reorder_.emplace(from, to);
    reorder_->execute(stream, from, to);
  }

  memory outside_, inside_;
  bool direct_ = false;
  std::optional<dnnl::reorder> reorder_;
};

/// One direction of a convolution: the primitive, its arguments and the two ports they are bound
/// through.
struct Direction {
  int threads;
  dnnl::primitive primitive;
  Port in, out;
  std::unordered_map<int, memory> arguments;

  /// `images`: one after another, of so many floats each; of a primitive for one image.
  void run(const Context& context, const float* from, float* to, int64_t images, int64_t floats_in,
           int64_t floats_out) {
    for (int64_t i = 0; i < images; ++i) {
      run(context, from + i * floats_in, to + i * floats_out);
    }
  }

  void run(const Context& context, const float* from, float* to) {
    with_dnnl("convolution", threads, [&] {
      char* base = context.cpu().scratch();
      in.bind(from, base);
      out.bind(to, base + in.scratch_bytes());
      dnnl::stream& stream = context.cpu().stream;
      in.enter(stream);
      primitive.execute(stream, arguments);
      out.leave(stream);
      stream.wait();
    });
  }
};

class ConvCpu final : public Conv {
 public:
  ConvCpu(const Context& context, const ConvSpec& spec, const Tensor& weight, const Tensor& bias)
      : Conv(spec), context_(context), weight_(weight), bias_(bias) {
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
    forward_->run(context_, x.data(), y.data());
  }

  void run_backward_data(const Tensor& dy, Tensor& dx) override {
    if (!backward_) {
      winograd_backward_ = plan_winograd_backward();
      if (!winograd_backward_) plan_backward();
    }
    if (!winograd_backward_) return backward_->run(context_, dy.data(), dx.data());
    const int64_t images = spec().batch;
    backward_->run(context_, dy.data(), dx.data(), images, dy.elements() / images,
                   dx.elements() / images);
  }

  void plan_forward() {
    const dnnl::engine& engine = context_.cpu().engine;
    int threads = 0;
    const auto description = describe_conv(
        context_, [&] { return terms().forward(engine, dnnl::algorithm::convolution_direct); },
        threads);
    with_dnnl("convolution, planning", threads, [&] {
      forward_.emplace(direction(threads, dnnl::convolution_forward(description),
                                 port(spec().input_shape(), description.src_desc()),
                                 port(spec().output_shape(), description.dst_desc())));
      forward_->arguments = {
          {DNNL_ARG_SRC, forward_->in.inside()},
          {DNNL_ARG_DST, forward_->out.inside()},
          {DNNL_ARG_WEIGHTS, terms().weights(context_, weight_, description.weights_desc())},
          {DNNL_ARG_BIAS,
           memory(description.bias_desc(), engine, const_cast<float*>(bias_.data()))}};
    });
  }

  void plan_backward() {
    int threads = 0;
    const auto description = describe_conv(
        context_, [&] { return terms().backward_data(context_.cpu().engine); }, threads);
    with_dnnl("convolution, planning", threads, [&] {
      backward_.emplace(direction(threads, dnnl::convolution_backward_data(description),
                                  port(spec().output_shape(), description.diff_dst_desc()),
                                  port(spec().input_shape(), description.diff_src_desc())));
      backward_->arguments = {
          {DNNL_ARG_DIFF_DST, backward_->in.inside()},
          {DNNL_ARG_DIFF_SRC, backward_->out.inside()},
          {DNNL_ARG_WEIGHTS, terms().weights(context_, weight_, description.weights_desc())}};
    });
  }

  /// At stride 1 the way back is a convolution of dy with the weights turned by 180 degrees and
  /// input and output channels exchanged. Where Winograd's is the fastest, it is taken: for one
  /// image at a time, since how oneDNN cuts a batch of them into tiles, and so the last bits,
  /// depends on the threads.
  bool plan_winograd_backward() {
    ConvSpec turned = turned_spec();
    turned.batch = 1;
    const bool padded_within = turned.pad_h >= 0 && turned.pad_w >= 0;
    if (!padded_within || !winograd_wins(spec()) || !winograd_wins(turned)) return false;
    const ConvTerms turned_terms(turned);
    const dnnl::engine& engine = context_.cpu().engine;
    int threads = 0;
    std::optional<dnnl::convolution_forward::primitive_desc> description;
    try {
      description = describe_conv(
          context_,
          [&] { return turned_terms.forward(engine, dnnl::algorithm::convolution_winograd); },
          threads);
    } catch (const Error&) {  // not on this CPU or for these extents
      return false;
    }
    with_dnnl("convolution, planning", threads, [&] {
      const Tensor weight = turned_weight();
      no_bias_ = Tensor({}, {spec().in_channels});
      std::ranges::fill(no_bias_.span(), 0.0f);
      backward_.emplace(direction(threads, dnnl::convolution_forward(*description),
                                  port(turned.input_shape(), description->src_desc()),
                                  port(turned.output_shape(), description->dst_desc())));
      backward_->arguments = {
          {DNNL_ARG_SRC, backward_->in.inside()},
          {DNNL_ARG_DST, backward_->out.inside()},
          {DNNL_ARG_WEIGHTS, turned_terms.weights(context_, weight, description->weights_desc())},
          {DNNL_ARG_BIAS, memory(description->bias_desc(), engine, no_bias_.data())}};
    });
    return true;
  }

  ConvSpec turned_spec() const {
    const ConvSpec& s = spec();
    ConvSpec turned = s;
    turned.in_channels = s.out_channels, turned.out_channels = s.in_channels;
    turned.height = s.out_height(), turned.width = s.out_width();
    turned.pad_h = s.kernel_h - 1 - s.pad_h, turned.pad_w = s.kernel_w - 1 - s.pad_w;
    turned.activation = Activation::none;
    return turned;
  }

  /// (in, out, k_h, k_w); Winograd's layout is another, so that it is copied.
  Tensor turned_weight() const {
    const ConvSpec& s = spec();
    const int64_t taps = s.kernel_h * s.kernel_w;
    Tensor turned({}, {s.in_channels, s.out_channels, s.kernel_h, s.kernel_w});
    for (int64_t o = 0; o < s.out_channels; ++o) {
      for (int64_t i = 0; i < s.in_channels; ++i) {
        const float* from = weight_.data() + (o * s.in_channels + i) * taps;
        std::reverse_copy(from, from + taps, turned.data() + (i * s.out_channels + o) * taps);
      }
    }
    return turned;
  }

  ConvTerms terms() const { return ConvTerms(spec()); }

  Port port(const Shape& shape, const memory::desc& inside) const {
    return {context_.cpu().engine, ConvTerms::plain(shape), inside};
  }

  Direction direction(int threads, dnnl::primitive primitive, Port in, Port out) const {
    context_.cpu().reserve_scratch(in.scratch_bytes() + out.scratch_bytes());
    return {threads, std::move(primitive), std::move(in), std::move(out), {}};
  }

  const Context& context_;
  const Tensor& weight_;
  const Tensor& bias_;
  std::optional<ConvTiles> tiles_;  // where one of these is the faster way forward
  std::optional<ConvRows> rows_;
  std::optional<Direction> forward_, backward_;
  bool winograd_backward_ = false;  // backward_ is a convolution of one image, without bias:
  Tensor no_bias_;
};

}  // namespace

std::unique_ptr<Conv> make_conv(const Context& context, const ConvSpec& spec, const Tensor& weight,
                                const Tensor& bias) {
  return std::make_unique<ConvCpu>(context, spec, weight, bias);
}

}  // namespace hdecomp::cpu
