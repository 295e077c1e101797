/// The forward plan's oneDNN steps: convolutions, by Winograd where it wins, pools, concats.
#include <array>

#include "kernels/conv/grouped_conv_cpu.h"
#include "kernels/conv/winograd_conv_cpu.h"
#include "kernels/plan/forward_plan_cpu.h"
#include "kernels/plan/map_layouts_cpu.h"
#include "kernels/pool/pool_blocks_cpu.h"

namespace hdecomp::cpu {

using dnnl::memory;

namespace {

RowLink conv_link(const ConvSpec& single, std::string kernel, const Tensor& weight,
                  const Tensor& bias) {
  RowLink link{single.input_shape(), single.output_shape(), true, single, std::move(kernel)};
  link.weight = &weight;
  link.bias = &bias;
  return link;
}

}  // namespace

int ForwardPlanCpu::conv(int from, const ConvSpec& spec, const Tensor& weight, const Tensor& bias) {
  ConvSpec single = spec;
  single.batch = 1;
  const bool blocks = in_blocks_ && lies_in_blocks(single);
  if (const auto step = own_conv_where_faster(from, spec, weight, bias)) return *step;
  const ConvTerms terms(single, blocks ? memory::format_tag::nChw16c : memory::format_tag::any);
  int threads = 0;
  std::optional<dnnl::convolution_forward::primitive_desc> found;
  if (winograd_wins(single, blocks)) found = describe_winograd(context_, single, threads);
  if (!found) {
    found = describe_conv(
        context_, single,
        [&] { return terms.forward(engine(), dnnl::algorithm::convolution_direct); }, threads);
  }
  return with_dnnl("convolution, planning", threads, [&] {
    const std::vector<memory> in = in_layout(from, found->src_desc());
    link_rows(from, in, conv_link(single, found->impl_info_str(), weight, bias));
    const std::vector<memory> out = take_output(found->dst_desc());
    const Primitive primitive(context_, *found);
    const LaidWeights laid = terms.weights(context_, weight, found->weights_desc(), store_);
    if (laid.kept) weights_.push_back(laid.kept);
    const memory& weights = laid.memory;
    const memory biases(found->bias_desc(), engine(), const_cast<float*>(bias.data()));
    const bool deep = weights.get_desc().get_size() <=
                      found->src_desc().get_size() + found->dst_desc().get_size();
    add_step("convolution", threads, primitive,
             {{DNNL_ARG_SRC, in},
              {DNNL_ARG_DST, out},
              {DNNL_ARG_WEIGHTS, {weights}},
              {DNNL_ARG_BIAS, {biases}}},
             deep);
    const int step = add_output(spec.output_shape(), out);
    keep_chain();
    keep_way_on(step, from, threads, primitive, found->src_desc(),
                {{DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_BIAS, biases}});
    keep_way_back(step, from, [this, from, step, single, &weight] {
      return conv_way_back(from, step, single, weight);
    });
    return step;
  });
}

std::optional<int> ForwardPlanCpu::own_conv_where_faster(int from, const ConvSpec& spec,
                                                         const Tensor& weight, const Tensor& bias) {
  ConvSpec single = spec;
  single.batch = 1;
  if (in_blocks_ && lies_in_blocks(single) && WinogradConv::suits(single)) {
    const auto own =
        std::make_shared<WinogradConv>(context_, single, WinogradConv::Weights{weight}, store_);
    return own_conv(from, spec, weight, memory::format_tag::nChw16c, own->weight_bytes(),
                    [own, &bias](const float* x, float* y) {
                      own->run({x, y, bias.data()});
                    });
  }
  if (!in_blocks_ && GroupedConv::suits(single)) {
    const auto own = std::make_shared<GroupedConv>(context_, single, weight, store_);
    return own_conv(from, spec, weight, memory::format_tag::nhwc, own->weight_bytes(),
                    [own, &bias](const float* x, float* y) { own->run(x, bias.data(), y); });
  }
  return {};
}

int ForwardPlanCpu::own_conv(int from, const ConvSpec& spec, const Tensor& weight,
                             memory::format_tag layout, int64_t weight_bytes, OwnConv conv) {
  const std::vector<memory> in = in_layout(from, described(spec.input_shape(), layout));
  chain_.reset();
  const std::vector<memory> out = take_output(described(spec.output_shape(), layout));
  const auto run = [conv, in, out](int64_t first, int64_t end) {
    for (int64_t i = first; i < end; ++i) {
      conv(static_cast<const float*>(in[i].get_data_handle()),
           static_cast<float*>(out[i].get_data_handle()));
    }
  };
  const int64_t floats =
      one_of(spec.input_shape()).elements() + one_of(spec.output_shape()).elements();
  steps_.push_back(
      {next_step(), run, weight_bytes <= floats * static_cast<int64_t>(sizeof(float))});
  const int step = add_output(spec.output_shape(), out);
  if (keeps_all() && fills_its_shape(from) && this->layout(from) == in[0].get_desc()) {
    ways_on_[step] = [conv](std::span<const Tensor> x, Tensor& y) { conv(x[0].data(), y.data()); };
  }
  keep_way_back(step, from, [this, from, step, spec, &weight] {
    ConvSpec single = spec;
    single.batch = 1;
    return conv_way_back(from, step, single, weight);
  });
  return step;
}

int ForwardPlanCpu::max_pool_in_blocks(int from, const PoolSpec& spec, const memory::desc& wanted,
                                       int64_t block) {
  const Shape shape = pooled_shape(outputs_.at(from).shape, spec);
  const int step = add_output(shape, take_output(wanted));
  const auto pool = [this, spec, block](const Tensor& x, Tensor& y) {
    max_pool_blocks(context_, spec, block, x, y);
  };
  const auto run = [this, from, step, pool](int64_t first, int64_t end) {
    for (int64_t i = first; i < end; ++i) {
      Tensor y = laid(step, i);
      pool(laid(from, i), y);
    }
  };
  steps_.push_back({step, run, true});
  if (keeps_all() && fills_its_shape(step) && fills_its_shape(from)) {
    ways_on_[step] = [pool](std::span<const Tensor> x, Tensor& y) { pool(x[0], y); };
  }
  keep_pool_way_back(step, from, spec);
  return step;
}

/// oneDNN has a primitive of its own for dilated pools; these few go without.
int ForwardPlanCpu::plain_max_pool(int from, const PoolSpec& spec, const Shape& shape) {
  const std::array<int, 1> input{from};
  return plain(input, shape,
               [this, spec, argmax = std::make_shared<IndexTensor>(Device{}, shape)](
                   std::span<const Tensor* const> x, Tensor& y) {
                 hdecomp::max_pool_forward(context_, spec, *x[0], y, *argmax);
               });
}

int ForwardPlanCpu::max_pool(int from, const PoolSpec& spec) {
  const Shape x = outputs_.at(from).shape, shape = pooled_shape(x, spec);
  if (spec.dilation_h > 1 || spec.dilation_w > 1) return plain_max_pool(from, spec, shape);
  const std::optional<memory::format_tag> known = layout_of(layout(from), x);
  const int64_t block = known ? channel_block(*known, x) : 0;
  if (block > 0 && x[1] % block == 0 && pools_blocks(spec, block)) {
    return max_pool_in_blocks(from, spec, described(shape, *known), block);
  }
  return with_dnnl("max-pool, planning", context_.threads(), [&] {
    const std::vector<memory>& in = outputs_[from].images;
    // The output may leave rows at the far edge unread: then the far padding is negative. Rounded
    // up it may reach beyond the padding.
    const auto far = [](int64_t out, int64_t kernel, int64_t stride, int64_t pad, int64_t size) {
      return (out - 1) * stride + kernel - size - pad;
    };
    const dnnl::pooling_forward::desc op(
        dnnl::prop_kind::forward_inference, dnnl::algorithm::pooling_max, in[0].get_desc(),
        ConvTerms::any_layout(one_of(shape)), {spec.stride_h, spec.stride_w},
        {spec.kernel_h, spec.kernel_w}, {spec.pad_h, spec.pad_w},
        {far(shape[2], spec.kernel_h, spec.stride_h, spec.pad_h, x[2]),
         far(shape[3], spec.kernel_w, spec.stride_w, spec.pad_w, x[3])});
    const dnnl::pooling_forward::primitive_desc description(op, attributes(), engine());
    const std::vector<memory> out = take_output(description.dst_desc());
    const Primitive primitive(context_, description);
    add_step("max-pool", context_.threads(), primitive, {{DNNL_ARG_SRC, in}, {DNNL_ARG_DST, out}});
    const int step = add_output(shape, out);
    keep_way_on(step, from, context_.threads(), primitive, layout(from), {});
    keep_pool_way_back(step, from, spec);
    return step;
  });
}

int ForwardPlanCpu::concat(std::span<const int> from) {
  const Shape shape = concat_shape(from);
  if (auto images = joined_parts(from, shape)) return add_output(shape, std::move(*images));
  if (auto channels = leaves_channels() ? channels_last(from) : std::nullopt) {
    return move_channels(std::move(*channels), shape);
  }
  return with_dnnl("concat, planning", context_.threads(), [&] {
    std::vector<memory::desc> layouts;
    Arguments arguments;
    for (const int step : from) {
      arguments[DNNL_ARG_MULTIPLE_SRC + static_cast<int>(layouts.size())] = outputs_[step].images;
      layouts.push_back(outputs_[step].images[0].get_desc());
    }
    const dnnl::concat::primitive_desc description(1, layouts, engine(), attributes());
    const std::vector<memory> out = take_output(description.dst_desc());
    arguments[DNNL_ARG_DST] = out;
    add_step("concat", context_.threads(), Primitive(context_, description), arguments);
    return add_output(shape, out);
  });
}

}  // namespace hdecomp::cpu
