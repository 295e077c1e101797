/// The linear layer's window backward on the CPU: rows of the weight whose unit has a gradient,
/// each read once for the whole level.
#include <algorithm>

#include "kernels/core/context_cpu.h"
#include "kernels/product/narrow_weights_cpu.h"
#include "kernels/window/window_cells_cpu.h"

namespace hdecomp::cpu {
namespace {

// Columns of the weight per task: long stretches of each row, and sums that stay in the
// first-level cache. Units per block: what one decision reads, the next finds in the second-level
// cache. A sum's order depends on the decision's own active units alone, so that a decision's
// gradient is the same bits in any batch and for any thread count.
constexpr int64_t chunk = 2048;
constexpr int64_t block = 64;

/// Over numbers that are floats or Bf16.
template <class Number>
class LinearWindow {
 public:
  LinearWindow(const Number* weight, const WindowBatch& above, const GradientBelow& below)
      : weight_(weight), above_(above), below_(below) {}

  void run(const Context& context) {
    const int64_t decisions = above_.decisions();
    context.cpu().reserve_scratch(decisions * cpu::linear_window_scratch(context));
    auto* scratch = reinterpret_cast<float*>(context.cpu().scratch());
    parallel_for(context, (in_units_ + chunk - 1) / chunk, [&](int64_t task) {
      float* sums = scratch + omp_get_thread_num() * decisions * chunk;
      const int64_t begin = task * chunk, size = std::min(chunk, in_units_ - begin);
      std::fill(sums, sums + decisions * chunk, 0.0f);
      for (int64_t unit = 0; unit < above_.channels; unit += block) {
        for (int64_t d = 0; d < decisions; ++d) add_block(unit, d, begin, size, sums + d * chunk);
      }
      for (int64_t d = 0; d < decisions; ++d) store(d, begin, size, sums + d * chunk);
    });
    if (below_.mask.feature == nullptr) return;
    parallel_for(context, below_.batch.channels * decisions,
                 [&](int64_t i) { mask_plane(below_, i / decisions, i % decisions); });
  }

 private:
  /// Adds the rows of the block's active units, four at a time: a quarter of the traffic of sums.
  void add_block(int64_t first, int64_t d, int64_t begin, int64_t size, float* sums) const {
    if (above_.places[d].image < 0) return;
    int64_t units[block];
    int64_t count = 0;
    for (int64_t u = first; u < std::min(first + block, above_.channels); ++u) {
      if (value(u, d) != 0) units[count++] = u;
    }
    for (int64_t u = 0; u < count; u += 4) {
      const Number* row[4];
      float g[4];
      for (int64_t k = 0; k < 4; ++k) {
        const bool there = u + k < count;
        row[k] = weight_ + units[there ? u + k : u] * in_units_ + begin;
        g[k] = there ? value(units[u + k], d) : 0.0f;
      }
#pragma omp simd
      for (int64_t i = 0; i < size; ++i) {
        sums[i] += (g[0] * row[0][i] + g[1] * row[1][i]) + (g[2] * row[2][i] + g[3] * row[3][i]);
      }
    }
  }

  void store(int64_t d, int64_t begin, int64_t size, const float* sums) const {
    const int64_t area = below_.batch.window.area();
    for (int64_t i = 0; i < size; ++i) {
      float& to = below_.batch.plane((begin + i) / area, d)[(begin + i) % area];
      to = below_.into == Accumulate::sum ? to + sums[i] : sums[i];
    }
  }

  float value(int64_t unit, int64_t d) const {
    return above_.one_hot ? one_hot_value(above_, unit, d) : *above_.plane(unit, d);
  }

  const Number* weight_;
  const WindowBatch& above_;
  const GradientBelow& below_;
  int64_t in_units_ = below_.batch.channels * below_.batch.window.area();
};

}  // namespace

/// Every thread's sums.
int64_t linear_window_scratch(const Context& context) {
  return context.threads() * chunk * static_cast<int64_t>(sizeof(float));
}

void linear_window_backward(const Context& context, const Tensor& weight, const WindowBatch& above,
                            const GradientBelow& below) {
  with_numbers(weight, find_narrow(context, weight),
               [&](const auto* numbers) { LinearWindow(numbers, above, below).run(context); });
}

}  // namespace hdecomp::cpu
