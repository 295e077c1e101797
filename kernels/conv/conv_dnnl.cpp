/// oneDNN's convolution described.
#include "kernels/conv/conv_dnnl.h"

#include "kernels/conv/direct_weights_cpu.h"
#include "kernels/conv/winograd_weights_cpu.h"

namespace hdecomp::cpu {

using dnnl::memory;
using Tag = memory::format_tag;

dnnl::primitive_attr fused(Activation activation) {
  dnnl::primitive_attr attr = attributes();
  dnnl::post_ops end;
  switch (activation) {
    case Activation::none:
      return attr;
    case Activation::relu:
      end.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
      break;
    case Activation::relu6:
      end.append_eltwise(1.0f, dnnl::algorithm::eltwise_clip, 0.0f, 6.0f);
  }
  attr.set_post_ops(end);
  return attr;
}

namespace {

constexpr int64_t map_block = 16;

int64_t out_area(const ConvSpec& spec) { return spec.out_height() * spec.out_width(); }

constexpr int64_t small_area = 20 * 20;
/// Winograd's tiles of 4 x 4 take 36 products for 64 but weights 2.25 times as large, which a small
/// map does not use often enough.
bool takes_large_tiles(const ConvSpec& spec) { return out_area(spec) >= 36 * 36; }

/// Words that tell a layout from any other. False, with nothing added, for one of a kind that is
/// not known.
bool add_words(const memory::desc& layout, std::vector<int64_t>& words) {
  const dnnl_memory_desc_t& told = layout.data;
  const bool blocked = told.format_kind == dnnl_blocked;
  if ((!blocked && told.format_kind != dnnl_format_kind_wino) || told.extra.flags != 0) {
    return false;
  }
  const auto add = [&](const auto* first, int count) {
    words.insert(words.end(), first, first + count);
  };
  words.insert(words.end(), {told.format_kind, told.data_type, told.ndims, told.offset0});
  add(told.dims, told.ndims);
  add(told.padded_dims, told.ndims);
  add(told.padded_offsets, told.ndims);
  if (blocked) {
    const dnnl_blocking_desc_t& blocks = told.format_desc.blocking;
    add(blocks.strides, told.ndims);
    add(blocks.inner_blks, blocks.inner_nblks);
    add(blocks.inner_idxs, blocks.inner_nblks);
    return true;
  }
  const dnnl_wino_desc_t& wino = told.format_desc.wino_desc;
  if (wino.adj_scale != 1.0f) return false;
  words.insert(words.end(), {wino.wino_format, wino.r, wino.alpha, wino.ic, wino.oc, wino.ic_block,
                             wino.oc_block, wino.ic2_block, wino.oc2_block});
  return true;
}

}  // namespace

bool winograd_wins(const ConvSpec& spec, bool in_blocks) {
  constexpr int64_t many = 512;
  const bool are_many = spec.in_channels >= many && spec.out_channels >= many;
  const int64_t area = are_many ? 7 * 7 : 12 * 12;
  const int64_t least = in_blocks ? (out_area(spec) < small_area ? 48 : 32) : 64;
  // Its small tiles go over two blocks of output channels at once.
  const bool pairs = spec.out_channels % (2 * map_block) == 0 || takes_large_tiles(spec);
  return spec.kernel_h == 3 && spec.kernel_w == 3 && spec.stride_h == 1 && spec.stride_w == 1 &&
         spec.is_plain() && spec.groups == 1 && spec.in_channels >= least &&
         spec.out_channels >= least && spec.in_channels * spec.out_channels > 32 * 32 && pairs &&
         out_area(spec) >= area;
}

bool lies_in_blocks(const ConvSpec& spec) {
  const bool image = spec.in_channels <= 3;
  return spec.groups == 1 && (image || spec.in_channels % map_block == 0) &&
         spec.out_channels % map_block == 0;
}

bool blocks_suit(std::span<const ConvSpec> convs) {
  constexpr auto wanted = static_cast<int>(dnnl::cpu_isa::avx512_core);
  if ((static_cast<int>(dnnl::get_effective_cpu_isa()) & wanted) != wanted) return false;
  int64_t fits = 0, all = 0;
  bool winograd = false;
  for (const ConvSpec& spec : convs) {
    const int64_t work = spec.weight_shape().elements() * out_area(spec);
    fits += lies_in_blocks(spec) ? work : 0;
    all += work;
    winograd = winograd || winograd_wins(spec, lies_in_blocks(spec));
  }
  return winograd && fits * 3 >= all * 2;
}

memory::desc ConvTerms::maps(const Shape& shape) const {
  const bool plain = maps_ == Tag::nChw16c && shape[1] % map_block != 0;
  return {shape.dims(), memory::data_type::f32, plain ? Tag::nchw : maps_};
}

memory::dims ConvTerms::weight_dims() const {
  const Shape shape = spec_.weight_shape();
  if (spec_.groups == 1) return shape.dims();
  return {spec_.groups, shape[0] / spec_.groups, shape[1], shape[2], shape[3]};
}

dnnl::convolution_forward::primitive_desc ConvTerms::forward(const dnnl::engine& engine,
                                                             dnnl::algorithm algorithm,
                                                             std::string_view kernel) const {
  const dnnl::convolution_forward::desc op(
      dnnl::prop_kind::forward_inference, algorithm, maps(spec_.input_shape()), any_weights(),
      {{spec_.out_channels}, memory::data_type::f32, Tag::x}, maps(spec_.output_shape()), strides(),
      gaps(), pads(), far_pads());
  const dnnl::primitive_attr attr = fused(spec_.activation);
  dnnl::convolution_forward::primitive_desc found(op, attr, engine);
  do {  // next_impl() reads `op`
    if (std::string_view(found.impl_info_str()).find(kernel) != std::string_view::npos) {
      return found;
    }
  } while (found.next_impl());
  return {op, attr, engine};
}

dnnl::convolution_backward_data::primitive_desc ConvTerms::backward_data(
    const dnnl::engine& engine) const {
  const dnnl::convolution_backward_data::desc op(
      dnnl::algorithm::convolution_direct, any_layout(spec_.input_shape()), any_weights(),
      any_layout(spec_.output_shape()), strides(), gaps(), pads(), far_pads());
  return {op, attributes(), engine, forward(engine, dnnl::algorithm::convolution_direct)};
}

memory ConvTerms::given(const Context& context, const Tensor& weight) const {
  return {{weight_dims(), memory::data_type::f32, spec_.groups > 1 ? Tag::goihw : Tag::oihw},
          context.cpu().engine,
          const_cast<float*>(weight.data())};
}

LaidWeights ConvTerms::weights(const Context& context, const Tensor& weight,
                               const memory::desc& wanted, WeightStore* store) const {
  const memory plain = given(context, weight);
  if (plain.get_desc() == wanted) return {plain};
  return own_weights(context, {weight}, wanted, store);
}

LaidWeights ConvTerms::own_weights(const Context& context, const TurnedWeight& weight,
                                   const memory::desc& wanted, WeightStore* store) const {
  const auto bytes = static_cast<int64_t>(wanted.get_size());
  const auto fill = [&](float* to) {
    lay(context, weight.made ? weight.made() : borrowed(weight.weight), wanted, to);
  };
  WeightStore::Key key{weight.weight.data(), {std::ssize(weight.by)}};
  key.second.insert(key.second.end(), weight.by.begin(), weight.by.end());
  std::shared_ptr<const float> kept;
  if (store != nullptr && add_words(wanted, key.second)) {
    kept = store->get(key, bytes, fill);
  } else {
    const std::shared_ptr<void> own = allocate({}, bytes);
    fill(static_cast<float*>(own.get()));
    kept = {own, static_cast<const float*>(own.get())};
  }
  return {{wanted, context.cpu().engine, const_cast<float*>(kept.get())}, kept};
}

void ConvTerms::lay(const Context& context, const Tensor& weight, const memory::desc& wanted,
                    float* to) const {
  if (fill_winograd_weights(context, weight, wanted, to)) return;
  if (fill_direct_weights(context, weight, wanted, to)) return;
  const memory plain = given(context, weight);
  Reorder(context, plain.get_desc(), wanted).run(plain, {wanted, context.cpu().engine, to});
  context.cpu().stream.wait();
}

std::optional<dnnl::convolution_forward::primitive_desc> describe_winograd(const Context& context,
                                                                           const ConvSpec& spec,
                                                                           int& threads) {
  const ConvTerms terms(spec);
  const char* const kernel = takes_large_tiles(spec) ? "4x3" : "";  // the others are offered first
  const auto describe = [&] {
    return terms.forward(context.cpu().engine, dnnl::algorithm::convolution_winograd, kernel);
  };
  try {
    return describe_conv(context, spec, describe, threads);
  } catch (const Error&) {  // oneDNN has none
    return {};
  }
}

}  // namespace hdecomp::cpu
