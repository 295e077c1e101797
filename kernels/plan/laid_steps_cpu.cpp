/// The forward plan's steps over maps that are not its own but lie as its own do: forward over
/// other features, and back.
#include "kernels/conv/conv_way_back_dnnl.h"
#include "kernels/loops/lanes_cpu.h"
#include "kernels/map/elementwise.h"
#include "kernels/plan/map_layouts_cpu.h"
#include "kernels/pool/pool_blocks_cpu.h"

namespace hdecomp::cpu {

using dnnl::memory;

namespace {

/// How many channels lie side by side in each cell of a map; 0 in a layout that has no vectors of
/// them.
int64_t vector_block(const memory::desc& layout, const Shape& shape) {
  const std::optional<memory::format_tag> known = layout_of(layout, shape);
  const int64_t block = known ? channel_block(*known, shape) : 0;
  return block % lanes == 0 ? block : 0;
}

}  // namespace

/// Not where the layout pads its channels.
bool ForwardPlanCpu::fills_its_shape(int step) const {
  const auto floats = static_cast<size_t>(one_of(shape(step)).elements());
  return layout(step).get_size() == floats * sizeof(float);
}

bool ForwardPlanCpu::is_laid(int step) const {
  return fills_its_shape(step) && layout(step) != ConvTerms::plain(one_of(shape(step)));
}

int64_t ForwardPlanCpu::side_by_side(int step) const {
  return is_laid(step) ? vector_block(layout(step), one_of(shape(step))) : 0;
}

Tensor ForwardPlanCpu::laid(int step, int64_t image) const {
  void* data = outputs_.at(step).images.at(image).get_data_handle();
  return {Device{}, one_of(shape(step)), static_cast<float*>(data)};
}

void ForwardPlanCpu::reorder(const Shape& maps, const memory::desc& from, const float* source,
                             const memory::desc& to, float* target) const {
  const int64_t images = maps[0], floats = maps.elements() / images;
  with_dnnl("layout of a gradient", context_.threads(), [&] {
    Reorder one(context_, from, to);
    for (int64_t i = 0; i < images; ++i) {
      one.run({from, engine(), const_cast<float*>(source) + i * floats},
              {to, engine(), target + i * floats});
    }
    context_.cpu().stream.wait();
  });
}

void ForwardPlanCpu::lay(int step, const Tensor& plain, Tensor& laid) const {
  reorder(plain.shape(), ConvTerms::plain(one_of(shape(step))), plain.data(), layout(step),
          laid.data());
}

void ForwardPlanCpu::unlay(int step, const Tensor& laid, Tensor& plain) const {
  reorder(laid.shape(), layout(step), laid.data(), ConvTerms::plain(one_of(shape(step))),
          plain.data());
}

void ForwardPlanCpu::keep_way_on(int step, int from, int threads, const Primitive& primitive,
                                 const memory::desc& in, Primitive::Arguments rest) {
  if (!keeps_all() || !fills_its_shape(step) || !fills_its_shape(from)) return;
  auto direction = std::make_shared<ConvDirection>(context_, threads, primitive,
                                                   ConvPort(context_, layout(from), in),
                                                   ConvPort(context_, layout(step), layout(step)));
  direction->set(DNNL_ARG_SRC, DNNL_ARG_DST, std::move(rest));
  ways_on_[step] = [direction](std::span<const Tensor> x, Tensor& y) {
    direction->run(x[0].data(), y.data());
  };
}

void ForwardPlanCpu::run_laid(int step, std::span<const Tensor> inputs, Tensor& y) const {
  ways_on_.at(step)(inputs, y);
}

void ForwardPlanCpu::keep_way_back(int step, int from, std::function<Carry()> plan) {
  if (!keeps_all() || !fills_its_shape(step) || !fills_its_shape(from)) return;
  ways_back_[step] = {std::move(plan), {}};
}

bool ForwardPlanCpu::carries(int step) const { return ways_back_.contains(step); }

void ForwardPlanCpu::carry(int step, int64_t image, const Tensor& dy, Activation passes,
                           Tensor& dx) const {
  const WayBack& way = ways_back_.at(step);
  if (!way.carry) way.carry = way.plan();
  way.carry(image, dy.data(), passes, dx.data());
}

ForwardPlanCpu::Carry ForwardPlanCpu::conv_way_back(int from, int step, const ConvSpec& spec,
                                                    const Tensor& weight) const {
  auto way =
      std::make_shared<ConvWayBack>(context_, spec, weight, layout(step), layout(from), store_);
  return [this, way, from](int64_t image, const float* dy, Activation passes, float* dx) {
    const Tensor feature = laid(from, image);
    if (way->ends_by_activation()) return way->run(dy, dx, {passes, feature.data()});
    way->run(dy, dx);
    Tensor gradient({}, feature.shape(), dx);
    if (passes != Activation::none) {
      hdecomp::activation_backward(context_, passes, feature, gradient, gradient);
    }
  };
}

void ForwardPlanCpu::keep_pool_way_back(int step, int from, const PoolSpec& spec) {
  const Shape x = one_of(shape(from)), y = one_of(shape(step));
  const int64_t block = vector_block(layout(from), x);
  if (block == 0 || block != vector_block(layout(step), y)) return;
  keep_way_back(step, from, [this, from, spec, x, y, block] {
    return Carry([this, from, spec, x, y, block](int64_t image, const float* dy, Activation passes,
                                                 float* dx) {
      const Tensor feature = laid(from, image);
      max_pool_blocks_backward(context_, spec, block, passes, feature,
                               Tensor({}, y, const_cast<float*>(dy)), Tensor({}, x, dx));
    });
  });
}

}  // namespace hdecomp::cpu
