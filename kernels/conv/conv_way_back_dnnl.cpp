/// The way back of a convolution as one forward, which there are faster kernels for, with the same
/// layouts on both sides: of dy, with turned weights and channels exchanged. In blocks of channels
/// by our own Winograd or our own loop to an image, else by oneDNN's kernels. For images, whose few
/// channels fill no vector alone, and at stride s always, it goes by phases (conv_phases_cpu.h).
/// Else oneDNN's backward-data.
#include "kernels/conv/conv_way_back_dnnl.h"

#include <algorithm>

#include "kernels/conv/conv_phases_cpu.h"
#include "kernels/core/parallel.h"

namespace hdecomp::cpu {
namespace {

using dnnl::memory;

memory zero_bias(const dnnl::engine& engine, const memory::desc& desc) {
  memory made(desc, engine);
  std::fill_n(static_cast<char*>(made.get_data_handle()), desc.get_size(), '\0');
  return made;
}

using ForwardDescription = dnnl::convolution_forward::primitive_desc;

bool is_own_kernel(const ForwardDescription& description) {
  const std::string_view kernel = description.impl_info_str();
  return kernel.starts_with("jit") || kernel.starts_with("brg") || kernel.starts_with("plain");
}

/// Nothing where oneDNN has no kernel of its own for it. `in_blocks`: the maps lie so on both
/// sides.
std::optional<ForwardDescription> described(const Context& context, const ConvSpec& back,
                                            bool by_winograd, bool in_blocks, int& threads) {
  if (by_winograd) {
    auto found = describe_winograd(context, back, threads);
    if (found && is_own_kernel(*found)) return found;
  }
  const ConvTerms terms(back, in_blocks ? memory::format_tag::nChw16c : memory::format_tag::any);
  try {
    auto found = describe_conv(
        context, back,
        [&] { return terms.forward(context.cpu().engine, dnnl::algorithm::convolution_direct); },
        threads);
    if (is_own_kernel(found)) return found;
  } catch (const Error&) {  // not on this CPU or for these extents
  }
  return {};
}

/// The convolution of dy, where our own kernel takes it.
std::optional<ConvSpec> by_winograd(const ConvSpec& spec, const memory::desc& above,
                                    const memory::desc& below) {
  ConvSpec back = spec;
  std::swap(back.in_channels, back.out_channels);
  back.height = spec.out_height(), back.width = spec.out_width();
  back.pad_h = spec.kernel_h - 1 - spec.pad_h, back.pad_w = spec.kernel_w - 1 - spec.pad_w;
  back.activation = Activation::none;
  if (above != ConvTerms::blocks(spec.output_shape())) return {};
  if (below != ConvTerms::blocks(spec.input_shape()) || !WinogradConv::suits(back)) return {};
  return back;
}

std::optional<ConvDirection> as_forward(const Context& context, const ConvSpec& spec,
                                        const Phases& phases, const Tensor& weight,
                                        const memory::desc& above, const memory::desc& below,
                                        WeightStore* store) {
  const ConvSpec back = phases.forward(spec);
  const ConvTerms terms(back);
  // oneDNN's choice would be channels last: each map would be brought there and back.
  const bool in_blocks = above == ConvTerms::blocks(back.input_shape()) &&
                         below == ConvTerms::blocks(back.output_shape());
  int threads = 0;
  const auto found =
      described(context, back, winograd_wins(spec) && winograd_wins(back), in_blocks, threads);
  if (!found) return {};
  return with_dnnl("convolution, planning", threads, [&] {
    ConvDirection direction(context, threads, Primitive(context, *found),
                            {context, above, found->src_desc()},
                            {context, below, found->dst_desc()});
    const TurnedWeight turned{
        weight,
        {spec.kernel_h, spec.kernel_w, spec.stride_h, spec.stride_w, spec.pad_h, spec.pad_w},
        [&] { return phases.weights(spec, weight); }};
    LaidWeights weights = terms.own_weights(context, turned, found->weights_desc(), store);
    direction.set(DNNL_ARG_SRC, DNNL_ARG_DST,
                  {{DNNL_ARG_WEIGHTS, weights.memory},
                   {DNNL_ARG_BIAS, zero_bias(context.cpu().engine, found->bias_desc())}},
                  std::move(weights.kept));
    return direction;
  });
}

ConvDirection as_backward(const Context& context, const ConvSpec& spec, const Tensor& weight,
                          const memory::desc& above, const memory::desc& below,
                          WeightStore* store) {
  const ConvTerms terms(spec);
  int threads = 0;
  const auto found = describe_conv(
      context, spec, [&] { return terms.backward_data(context.cpu().engine); }, threads);
  return with_dnnl("convolution, planning", threads, [&] {
    ConvDirection direction(context, threads, Primitive(context, found),
                            {context, above, found.diff_dst_desc()},
                            {context, below, found.diff_src_desc()});
    LaidWeights weights = terms.weights(context, weight, found.weights_desc(), store);
    direction.set(DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_SRC, {{DNNL_ARG_WEIGHTS, weights.memory}},
                  std::move(weights.kept));
    return direction;
  });
}

}  // namespace

ConvWayBack::ConvWayBack(const Context& context, const ConvSpec& spec, const Tensor& weight,
                         const memory::desc& above, const memory::desc& below, WeightStore* store)
    : context_(context), spec_(spec) {
  if (const auto back = by_winograd(spec, above, below)) {
    winograd_.emplace(context, *back, WinogradConv::Weights{weight, true}, store);
    return;
  }
  if (above == ConvTerms::blocks(spec.output_shape()) && ConvToImage::suits(spec) &&
      below == ConvTerms::plain(spec.input_shape())) {
    to_image_.emplace(context, spec, weight);
    return;
  }
  const bool plain = below == ConvTerms::plain(spec.input_shape());
  if (Phases::fit(spec, plain)) {
    const Phases phases(spec, plain);
    const Shape shape = phases.forward(spec).output_shape();
    block_h_ = phases.y.block, block_w_ = phases.x.block;
    direction_ = as_forward(context, spec, phases, weight, above,
                            phases.count > 1 ? ConvTerms::plain(shape) : below, store);
    if (direction_ && phases.count > 1) phases_ = Tensor({}, shape);
  }
  if (!direction_) direction_ = as_backward(context, spec, weight, above, below, store);
}

void ConvWayBack::run(const float* dy, float* dx) {
  if (winograd_) return winograd_->run({dy, dx});
  if (to_image_) return to_image_->run(dy, dx);
  if (phases_.data() == nullptr) return direction_->run(dy, dx);
  direction_->run(dy, phases_.data());
  spread(dx);
}

void ConvWayBack::run(const float* dy, float* dx, const Passed& passed) {
  winograd_.value().run({dy, dx, nullptr, passed});
}

/// The phases to their places.
void ConvWayBack::spread(float* dx) const {
  const int64_t width = spec_.width;
  const int64_t phase_h = phases_.shape()[2], phase_w = phases_.shape()[3];
  parallel_for(context_, spec_.in_channels * spec_.height, [&](int64_t row) {
    const int64_t channel = row / spec_.height, y = row % spec_.height;
    const int64_t first = (channel * block_h_ + y % block_h_) * block_w_;
    for (int64_t x = 0; x < width; ++x) {
      const int64_t plane = first + x % block_w_;
      dx[row * width + x] =
          phases_.data()[(plane * phase_h + y / block_h_) * phase_w + x / block_w_];
    }
  });
}

}  // namespace hdecomp::cpu
