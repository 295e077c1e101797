/// The orders in which oneDNN's Winograd layouts lie, and the check of what is filled into them.
#include "kernels/conv/winograd_weights_cpu.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <optional>
#include <vector>

#include "kernels/conv/winograd_blocks_cpu.h"
#include "kernels/core/parallel.h"
#include "kernels/loops/register_tile_cpu.h"
#include "kernels/product/turned_square_cpu.h"

namespace hdecomp::cpu {
namespace {

using dnnl::memory;

using winograd_weights::block;  // channels of either side that a layout has together
using winograd_weights::taps;
constexpr int64_t kernel = 3;

/// How a layout orders what is transformed: position (a, b) of the transform, a block of output
/// channels, and for each input channel the block's sixteen values side by side.
struct Order {
  bool large = false;         // tiles of 4 x 4, else of 2 x 2
  bool groups_first = false;  // groups of output channels before the position
  int64_t in = 0, out = 0;    // channels in whole blocks
  int64_t in_blocks = 1;      // that are together within a group
  int64_t out_blocks = 1;     // the same
  int64_t in_step = block;    // floats from one input channel to the next
  int64_t position_step = 0;

  int64_t side() const { return large ? 6 : 4; }
  int64_t positions() const { return side() * side(); }
  int64_t floats() const { return positions() * in * out; }

  /// Where the first position of a block of output channels and one of input channels begins.
  int64_t at(int64_t out_block, int64_t in_block) const {
    const int64_t group = out_block / out_blocks, in_group = out_block % out_blocks;
    const int64_t first = group * out_blocks * in * block * (groups_first ? positions() : 1);
    if (in_step > block) return first + in_block * block * in_step + in_group * block;
    return first + in_block / in_blocks * out_blocks * in_blocks * block * block +
           (in_group * in_blocks + in_block % in_blocks) * block * block;
  }
};

/// Nothing for a layout that is not known.
std::optional<Order> order_of(const memory::desc& layout) {
  const dnnl_memory_desc_t& told = layout.data;
  if (told.format_kind != dnnl_format_kind_wino || told.data_type != dnnl_f32 || told.ndims != 4)
    return {};
  const dnnl_wino_desc_t& wino = told.format_desc.wino_desc;
  if (wino.r != kernel || wino.ic_block != block || wino.oc_block != block) return {};
  if (wino.adj_scale != 1.0f || told.extra.flags != 0) return {};
  Order order;
  order.in = wino.ic, order.out = wino.oc;
  order.in_blocks = wino.ic / block;
  order.position_step = order.in * order.out;
  switch (wino.wino_format) {
    case dnnl_wino_wei_aaOio:
      break;
    case dnnl_wino_wei_aaOBiOo:
      order.out_blocks = wino.oc2_block;
      order.in_step = wino.oc2_block * block;
      break;
    case dnnl_wino_wei_OBaaIBOIio:
      order.large = order.groups_first = true;
      order.in_blocks = wino.ic2_block, order.out_blocks = wino.oc2_block;
      order.position_step = order.in * order.out_blocks * block;
      break;
    default:
      return {};
  }
  const auto is_whole = [](int64_t count, int64_t blocks) {
    return blocks > 0 && count > 0 && count % (blocks * block) == 0;
  };
  const bool fits = wino.alpha == order.side() && is_whole(order.in, order.in_blocks) &&
                    is_whole(order.out, order.out_blocks) && told.dims[0] <= order.out &&
                    told.dims[1] <= order.in && told.dims[2] == kernel && told.dims[3] == kernel &&
                    layout.get_size() == static_cast<size_t>(order.floats()) * sizeof(float);
  return fits ? std::optional(order) : std::nullopt;
}

/// Output channels side by side; those that the weight does not have are zero.
void gather_kernels(const Tensor& weight, int64_t out_block, int64_t in_block,
                    winograd_weights::Kernels& to) {
  constexpr int64_t row = block * taps;
  const int64_t out = weight.shape()[0], in = weight.shape()[1], step = in * taps;
  const int64_t rows = std::min(block, out - out_block * block);
  const int64_t length = std::min(block, in - in_block * block) * taps;
  const float* from = weight.data() + out_block * block * step + in_block * row;
  alignas(64) std::array<float, block * row> whole;
  const bool cut = rows < block || length < row;
  if (cut) {
    whole.fill(0.0f);
    for (int64_t o = 0; o < rows; ++o) {
      if (length > 0) std::copy_n(from + o * step, length, whole.data() + o * row);
    }
  }
  for (int64_t c = 0; c < row; c += lanes) {
    for (int64_t o = 0; o < block; o += lanes) {
      turn_square(cut ? whole.data() + o * row + c : from + o * step + c, cut ? row : step,
                  to.data() + c * block + o, block);
    }
  }
}

void fill(const Context& context, const Tensor& weight, const Order& order, float* to) {
  const int64_t in_blocks = order.in / block, blocks = order.out / block * in_blocks;
  parallel_runs(context, blocks, [&](int64_t task) {
    const int64_t out_block = task / in_blocks, in_block = task % in_blocks;
    alignas(64) winograd_weights::Kernels kernels;
    gather_kernels(weight, out_block, in_block, kernels);
    float* const at = to + order.at(out_block, in_block);
    const auto transform =
        order.large ? winograd_weights::transform_large : winograd_weights::transform_small;
    transform(kernels, {order.in_step, order.position_step}, at);
  });
}

/// A layout of the same order for two groups of output and two of input channels, of two blocks
/// each where the order has groups, and for one channel less of either.
memory::desc small_layout(const memory::desc& layout) {
  dnnl_memory_desc_t told = layout.data;
  dnnl_wino_desc_t& wino = told.format_desc.wino_desc;
  if (wino.ic2_block > 1) wino.ic2_block = 2;
  if (wino.oc2_block > 1) wino.oc2_block = 2;
  wino.oc = static_cast<int>(2 * block * wino.oc2_block);
  wino.ic = static_cast<int>(2 * block * wino.ic2_block);
  told.dims[0] = told.padded_dims[0] = wino.oc - 1;
  told.dims[1] = told.padded_dims[1] = wino.ic - 1;
  wino.size = sizeof(float) * wino.alpha * wino.alpha * wino.ic * wino.oc;
  return memory::desc(told);
}

/// Whether oneDNN fills the layout as we do.
bool agrees(const Context& context, const memory::desc& layout) {
  const memory::desc wanted = small_layout(layout);
  const std::optional<Order> order = order_of(wanted);
  if (!order) return false;
  const Shape shape{wanted.data.dims[0], wanted.data.dims[1], kernel, kernel};
  Tensor weight({}, shape);
  for (int64_t i = 0; i < shape.elements(); ++i) {
    weight.data()[i] = static_cast<float>(i * 7919 % 2003 - 1001) / 3;
  }
  const memory::desc plain(shape.dims(), memory::data_type::f32, memory::format_tag::oihw);
  const memory from(plain, context.cpu().engine, weight.data());
  const memory theirs(wanted, context.cpu().engine);
  Reorder(context, plain, wanted).run(from, theirs);
  context.cpu().stream.wait();
  std::vector<float> ours(order->floats());
  fill(context, weight, *order, ours.data());
  return std::memcmp(ours.data(), theirs.get_data_handle(), ours.size() * sizeof(float)) == 0;
}

/// The answer for each order, once for the process.
bool is_known(const Context& context, const memory::desc& layout) {
  static std::mutex mutex;
  static std::array<std::optional<bool>, dnnl_wino_wei_OBaaIBOIio + 1> known;
  const std::lock_guard lock(mutex);
  std::optional<bool>& answer = known.at(layout.data.format_desc.wino_desc.wino_format);
  if (!answer) {
    try {
      answer = agrees(context, layout);
    } catch (const dnnl::error&) {  // it takes no such layout
      answer = false;
    }
  }
  return *answer;
}

}  // namespace

bool fill_winograd_weights(const Context& context, const Tensor& weight, const memory::desc& wanted,
                           float* to) {
  const std::optional<Order> order = order_of(wanted);
  if (!order || !register_tile::is_wide() || !is_known(context, wanted)) return false;
  fill(context, weight, *order, to);
  return true;
}

}  // namespace hdecomp::cpu
