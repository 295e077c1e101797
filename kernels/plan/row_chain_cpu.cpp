/// Chains of steps, cut into rows that a core's second-level cache holds.
#include "kernels/plan/row_chain_cpu.h"

#include <omp.h>

#include <algorithm>

#include "kernels/core/parallel.h"
#include "kernels/loops/pieces.h"
#include "kernels/plan/map_layouts_cpu.h"

namespace hdecomp::cpu {

using dnnl::memory;
using Tag = memory::format_tag;

namespace {

/// Maps below this pass from step to step in the caches of two cores as it is.
constexpr int64_t large_map = int64_t{1} << 20;
/// What the rows of all maps between take at most, of a second-level cache of 1 MiB or more.
constexpr int64_t cache_bytes = 600 << 10;
/// Of a band: more than a kernel's rows above its middle, so that each makes some of every map.
constexpr int64_t least_rows = 4;

/// Parts of a thread's room begin on cache lines.
int64_t in_lines(int64_t bytes) { return in_whole(bytes, 64); }

int64_t row_floats(const Shape& map) { return map[1] * map[3]; }

}  // namespace

bool RowChain::gains_by(const RowLink& next) const {
  const bool large = next.bytes_in() >= large_map;
  if (!next.is_conv) return large || length() > 1;
  // A second kernel of several rows would have the first one's rows computed twice, and a map that
  // grows begins a chain of its own.
  const bool again = std::ranges::any_of(links_.begin() + 1, links_.end(), [](const RowLink& link) {
    return link.reads_neighbours();
  });
  return large && next.bytes_out() <= next.bytes_in() && !(again && next.reads_neighbours());
}

RowChain::Band RowChain::band(Rows last, const Band* before) const {
  Band band;
  band.maps.assign(links_.size() + 1, last);
  band.made = band.maps;
  for (size_t k = links_.size(); k-- > 0;) {
    Rows& in = band.maps[k] = band.made[k + 1];
    if (links_[k].is_conv) {
      const KernelAxis axis = links_[k].conv.y();
      in.end = std::min((in.end - 1) * axis.stride - axis.pad + axis.extent(), links_[k].in[2]);
      in.begin = std::max<int64_t>(in.begin * axis.stride - axis.pad, 0);
    }
    band.made[k] = in;
    if (before != nullptr) band.made[k].begin = std::max(in.begin, before->maps[k].end);
  }
  return band;
}

size_t RowChain::place_end(size_t link) const {
  size_t end = link + 1;
  while (end < links_.size() && !links_[end].is_conv) ++end;
  return end;
}

void RowChain::cut(int64_t runs, int64_t bands) {
  const int64_t height = links_.back().out[2];
  runs_.assign(runs, {});
  map_bytes_.assign(links_.size(), 0);
  for (int64_t i = 0; i < runs * bands; ++i) {
    Run& run = runs_[i / bands];
    run.push_back(band({height * i / (runs * bands), height * (i + 1) / (runs * bands)},
                       run.empty() ? nullptr : &run.back()));
    for (size_t k = 0; place_end(k) < links_.size(); k = place_end(k)) {
      const size_t end = place_end(k);
      const int64_t floats = run.back().maps[end].count() * row_floats(links_[k].out);
      map_bytes_[end - 1] = std::max(map_bytes_[end - 1], in_lines(floats * sizeof(float)));
    }
  }
  maps_bytes_ = 0;
  for (const int64_t bytes : map_bytes_) maps_bytes_ += bytes;
}

bool RowChain::choose_rows() {
  const int64_t runs = context_->threads() == 1 ? 1 : 2 * context_->threads();
  const int64_t most = links_.back().out[2] / (runs * least_rows);  // bands of a run
  if (most < 1) return false;
  int64_t bands = 1;
  for (cut(runs, bands); maps_bytes_ > cache_bytes && bands < most;) cut(runs, ++bands);
  return maps_bytes_ <= cache_bytes;
}

const RowChain::Kernel* RowChain::kernel(size_t link, Rows in, Rows out, WeightStore* store) {
  const RowLink& step = links_[link];
  const KernelAxis axis = step.conv.y();
  const int64_t top = std::max<int64_t>(axis.pad - out.begin * axis.stride, 0);
  const int64_t bottom = (out.count() - 1) * axis.stride + axis.extent() - top - in.count();
  for (const Kernel& known : kernels_) {
    const bool same = known.rows == in.count() && known.top == top && known.bottom == bottom;
    if (known.link == link && same) return &known;
  }
  ConvSpec spec = step.conv;
  spec.height = in.count();
  spec.pad_h = top;
  spec.far_h = bottom - top;
  const ConvTerms terms(spec, Tag::nhwc);
  auto found = terms.forward(context_->cpu().engine, dnnl::algorithm::convolution_direct);
  if (found.impl_info_str() != step.kernel) return nullptr;
  const LaidWeights laid = terms.weights(*context_, *step.weight, found.weights_desc(), store);
  if (laid.kept) weights_.push_back(laid.kept);
  const auto scratchpad = static_cast<int64_t>(found.scratchpad_desc().get_size());
  scratchpad_bytes_ = std::max(scratchpad_bytes_, in_lines(scratchpad));
  const dnnl::convolution_forward primitive(found);
  return &kernels_.emplace_back(
      Kernel{link, in.count(), top, bottom, std::move(found), primitive, laid.memory});
}

RowChain::Call RowChain::call(const Kernel& kernel, const Tensor& bias) const {
  const dnnl::engine& engine = context_->cpu().engine;
  const auto floating = [&](const memory::desc& layout) { return memory(layout, engine, nullptr); };
  return {kernel.primitive,
          {{DNNL_ARG_SRC, floating(kernel.found.src_desc())},
           {DNNL_ARG_DST, floating(kernel.found.dst_desc())},
           {DNNL_ARG_SCRATCHPAD, floating(kernel.found.scratchpad_desc())},
           {DNNL_ARG_WEIGHTS, kernel.weights},
           {DNNL_ARG_BIAS, {kernel.found.bias_desc(), engine, const_cast<float*>(bias.data())}}}};
}

bool RowChain::choose_kernels(WeightStore* store) {
  kernels_.clear();
  weights_.clear();
  scratchpad_bytes_ = 0;
  return with_dnnl("convolution of some rows, planning", 1, [&] {
    for (Run& run : runs_) {
      for (Band& band : run) {
        band.calls.resize(links_.size());
        for (size_t k = 0; k < links_.size(); ++k) {
          if (!links_[k].is_conv) continue;
          const Kernel* found = kernel(k, band.maps[k], band.made[k + 1], store);
          if (found == nullptr) return false;
          band.calls[k] = call(*found, *links_[k].bias);
        }
      }
    }
    return true;
  });
}

bool RowChain::plan(WeightStore* store) {
  if (!choose_rows() || !choose_kernels(store)) return false;
  context_->cpu().reserve_scratch(context_->threads() * (maps_bytes_ + scratchpad_bytes_));
  return true;
}

void RowChain::run(int64_t image, const float* x, float* y) {
  const int64_t room = maps_bytes_ + scratchpad_bytes_;
  parallel_tasks(*context_, std::ssize(runs_), 2, [&](int64_t i) {
    char* const own = context_->cpu().scratch() + omp_get_thread_num() * room;
    with_dnnl("convolution of some rows", 1, [&] {
      const Band* before = nullptr;
      for (Band& band : runs_[i]) {
        run_band(band, before, image, x, y, own);
        before = &band;
      }
    });
  });
}

void RowChain::run_band(Band& band, const Band* before, int64_t image, const float* x, float* y,
                        char* room) const {
  const float* from = x + band.maps[0].begin * row_floats(links_[0].in);
  char* next = room + scratchpad_bytes_;
  for (size_t k = 0; k < links_.size();) {
    const int64_t row = row_floats(links_[k].out);
    const size_t end = place_end(k);
    const Rows held = band.maps[end], made = band.made[end];
    const bool last = end == links_.size();
    float* const map = last ? y + held.begin * row : reinterpret_cast<float*>(next);
    if (held.begin < made.begin) {
      std::copy_n(map + (held.begin - before->maps[end].begin) * row,
                  (made.begin - held.begin) * row, map);
    }
    float* const to = map + (made.begin - held.begin) * row;
    for (; k < end; ++k, from = to) {
      if (links_[k].is_conv) {
        run_conv(band.calls[k], from, to, room);
      } else {
        run_cell(links_[k], made, image, from, to);
      }
    }
    next += map_bytes_[end - 1];
    from = map;
  }
}

void RowChain::run_conv(Call& call, const float* x, float* y, char* scratchpad) const {
  call.arguments.at(DNNL_ARG_SRC).set_data_handle(const_cast<float*>(x));
  call.arguments.at(DNNL_ARG_DST).set_data_handle(y);
  call.arguments.at(DNNL_ARG_SCRATCHPAD).set_data_handle(scratchpad);
  call.primitive.execute(context_->cpu().stream, call.arguments);
}

void RowChain::run_cell(const RowLink& link, Rows rows, int64_t image, const float* x,
                        float* y) const {
  const CellLayout layout{link.out[1], rows.count(), link.out[3], link.out[1]};
  std::vector<CellOperand> operands;
  for (const RowLink::Operand& operand : link.operands) {
    const float* data = x;
    if (!operand.images.empty()) {
      data = static_cast<const float*>(operand.images[image].get_data_handle());
      if (!operand.one_cell) data += rows.begin * row_floats(link.out);
    }
    operands.push_back({data, operand.one_cell});
  }
  const auto numbers = [](const Tensor* t) { return t == nullptr ? nullptr : t->data(); };
  cell_forward_in(*single_, link.op, layout, layout, operands, numbers(link.weight),
                  numbers(link.bias), y);
}

}  // namespace hdecomp::cpu
