/// The forward plan's cell ops and sums, in the layout that their inputs have.
#include <array>
#include <optional>

#include "kernels/cell/cell_layout_cpu.h"
#include "kernels/map/elementwise.h"
#include "kernels/plan/forward_plan_cpu.h"
#include "kernels/plan/map_layouts_cpu.h"

namespace hdecomp::cpu {

using dnnl::memory;
using Tag = memory::format_tag;

namespace {

CellLayout cell_layout(const Shape& batch, Tag layout) {
  return {batch[1], batch[2], batch[3], channel_block(layout, batch)};
}

const float* data_of(const Tensor* tensor) { return tensor == nullptr ? nullptr : tensor->data(); }

/// Whether an op's input is a map that the output's cells lie on, or has a cell for all of them.
bool is_whole(const CellOp& op, const Shape& in, const Shape& out) {
  return in == out || reads_of(op.formula).own_extent;
}

}  // namespace

int ForwardPlanCpu::cell(std::span<const int> from, const Shape& shape, const CellOp& op,
                         const CellWeights& weights, PlainBody body) {
  if (auto channels = moved(from[0], shape, op)) return move_channels(std::move(*channels), shape);
  std::optional<Tag> layout;
  bool fits = true;
  for (const int step : from) {
    const Output& in = outputs_.at(step);
    const bool whole = is_whole(op, in.shape, shape);
    const std::optional<Tag> own = layout_of(in.images[0].get_desc(), in.shape);
    if (whole && (!layout || *layout == Tag::nchw)) layout = own;
    fits = fits && (whole || (in.shape[1] == shape[1] && in.shape[2] * in.shape[3] == 1));
  }
  if (!fits || !layout || !computes_in(op, cell_layout(shape, *layout))) {
    return plain(from, shape, std::move(body));
  }
  return cell_in_layout(from, shape, op, weights, *layout);
}

int ForwardPlanCpu::add(int a, int b, Activation activation) {
  CellOp sum;
  sum.formula = CellFormula::add;
  sum.activation = activation;
  const Shape first = outputs_.at(a).shape;
  const int step = cell_in_layout(std::array{a, b}, first, sum, {},
                                  layout_of(layout(a), first).value_or(Tag::nchw));
  if (lie_alike(a, step) && lie_alike(b, step) && fills_its_shape(step)) {
    ways_on_[step] = [this, activation](std::span<const Tensor> x, Tensor& y) {
      hdecomp::add_forward(context_, x[0], x[1], activation, y);
    };
  }
  return step;
}

std::vector<memory> ForwardPlanCpu::cell_output(std::span<const int> from, const Shape& shape,
                                                const CellOp& op, Tag layout) {
  const memory::desc wanted = described(shape, layout);
  // In place where each number is computed from those at its own place alone.
  if (!reads_of(op.formula).neighbours && !has_home(next_step())) {
    for (const int step : from) {
      if (chain_reads(step)) continue;
      std::vector<memory> images = take_over(step, wanted);
      if (!images.empty()) return images;
    }
  }
  return take_output(wanted);
}

int ForwardPlanCpu::cell_in_layout(std::span<const int> from, const Shape& shape, const CellOp& op,
                                   const CellWeights& weights, Tag layout) {
  const Shape first = outputs_.at(from[0]).shape;
  std::vector<std::vector<memory>> inputs;
  std::vector<bool> one_cell;
  for (const int step : from) {
    const Output& in = outputs_.at(step);
    one_cell.push_back(!is_whole(op, in.shape, shape));
    // Of one cell any of these layouts is the channels one after another.
    const std::optional<Tag> own = layout_of(in.images[0].get_desc(), in.shape);
    inputs.push_back(
        in_layout(step, described(in.shape, one_cell.back() ? own.value_or(layout) : layout)));
  }
  chain_cell(from, shape, op, weights, inputs, one_cell);
  const bool deep = layout != Tag::nchw;  // in memory of its own
  const int step =
      deep ? add_output(shape, cell_output(from, shape, op, layout)) : plain_output(shape).step;
  const auto run = [this, op, weights, inputs, one_cell, out = outputs_[step].images,
                    in = cell_layout(first, layout), to = cell_layout(shape, layout),
                    operands = std::vector<CellOperand>(from.size())](int64_t begin,
                                                                      int64_t end) mutable {
    for (int64_t i = begin; i < end; ++i) {
      for (size_t k = 0; k < operands.size(); ++k) {
        operands[k] = {static_cast<const float*>(inputs[k][i].get_data_handle()), one_cell[k]};
      }
      cell_forward_in(context_, op, in, to, operands, data_of(weights.weight),
                      data_of(weights.bias), static_cast<float*>(out[i].get_data_handle()));
    }
  };
  steps_.push_back({step, run, deep});
  keep_chain();
  return step;
}

void ForwardPlanCpu::chain_cell(std::span<const int> from, const Shape& shape, const CellOp& op,
                                const CellWeights& weights,
                                const std::vector<std::vector<memory>>& inputs,
                                const std::vector<bool>& one_cell) {
  size_t chained = from.size();  // the input that the chain hands on: the step before, else any map
  for (size_t k = 0; k < from.size(); ++k) {
    if (!one_cell[k] && (chained == from.size() || from[k] + 1 == next_step())) chained = k;
  }
  if (chained == from.size() || reads_of(op.formula).neighbours) return chain_.reset();
  const Shape map = one_of(shape);
  RowLink link{map, map};
  link.op = op;
  link.weight = weights.weight;
  link.bias = weights.bias;
  for (size_t k = 0; k < from.size(); ++k) {
    const bool handed_on = from[k] == from[chained];
    link.operands.push_back({handed_on ? std::vector<memory>() : inputs[k], one_cell[k]});
  }
  link_rows(from[chained], inputs[chained], std::move(link));
}

}  // namespace hdecomp::cpu
