/// The window backward of convolutions of small groups, on the CPU: no product, each row below adds
/// up all taps of its group's few planes above.
#include "kernels/window/window_groups_cpu.h"

#include <utility>
#include <vector>

#include "kernels/core/context_cpu.h"
#include "kernels/window/depthwise_plane_cpu.h"

namespace hdecomp::cpu {
namespace {

/// All decisions' planes, and memory to spread a group's of one of them on each thread.
class GroupWindow {
 public:
  GroupWindow(const Context& context, const Tensor& weight, const WindowKernels& kernel,
              int64_t groups, const WindowBatch& above, const GradientBelow& below)
      : context_(context),
        weight_(weight),
        above_(above),
        below_(below),
        taps_(kernel.taps()),
        groups_(groups),
        group_in_(below.batch.channels / groups),
        group_out_(above.channels / groups) {
    for (const Place& place : above.places) {
      planes_.emplace_back(kernel, above.window, below.batch.window, place);
      plane_floats_ = std::max(plane_floats_, planes_.back().floats());
    }
    spread_ = in_whole(group_out_ * plane_floats_, lanes);
    floats_ = spread_ + (below.sloped.input == nullptr ? 0 : in_whole(map_area(), lanes));
    const auto threads = static_cast<int64_t>(context.threads());
    context.cpu().reserve_scratch(threads * floats_ * static_cast<int64_t>(sizeof(float)));
  }

  /// Planes below are written once: through the activation, too.
  void run() const {
    if (below_.sloped.input != nullptr) return run_sloped();
    const bool sum = below_.into == Accumulate::sum, masked = below_.mask.feature != nullptr;
    const Lanes least = least_passed(below_.mask.rule);
    with_constant(masked ? below_.mask.activation : Activation::none, [&](auto kind) {
      each_group([&](int64_t c, int64_t d, const Place& place, const float* spread) {
        const float* feature = masked ? feature_plane(*below_.mask.feature, place, c) : nullptr;
        put(kind, c, d, spread, target(c, d, feature, least, sum));
      });
    });
  }

  /// Planes below of groups of one that add up one-hot decisions, or others where the kernel does
  /// not go by blocks.
  void run_sums() const {
    for_each_plane_below(context_, below_, [&](int64_t c, int64_t d, const Place&) {
      for (int64_t k = c * group_out_; k < (c + 1) * group_out_; ++k) {
        float single = 0;
        const float* from = plane_or(above_, k, d, single);
        if (above_.one_hot && single == 0) continue;
        planes_[d].spread(from, own_scratch());
        planes_[d].put(std::integral_constant<Activation, Activation::none>{},
                       weight_.data() + k * taps_, own_scratch(),
                       target(c, d, nullptr, Lanes{}, true));
      }
    });
  }

 private:
  /// Through a function's slopes, which each thread finds once for a channel's decisions.
  void run_sloped() const {
    const SlopedNode& node = below_.sloped;
    const bool sum = below_.into == Accumulate::sum;
    std::vector<const float*> of(context_.threads());  // the map whose slopes each thread has
    each_group([&](int64_t c, int64_t d, const Place& place, const float* spread) {
      const float* x = feature_plane(*node.input, place, c);
      float* slopes = own_scratch() + spread_;
      if (std::exchange(of[omp_get_thread_num()], x) != x) {
        node.slopes(node.function, x, map_area(), slopes);
      }
      put(BySlopes{}, c, d, spread, target(c, d, slopes, Lanes{}, sum));
    });
  }

  /// body(channel below, decision, place, the group's planes spread); a task is a group's decision.
  template <class Body>
  void each_group(const Body& body) const {
    const int64_t decisions = above_.decisions();
    parallel_for(context_, groups_ * decisions, [&](int64_t i) {
      const int64_t group = i / decisions, d = i % decisions;
      const Place& place = above_.places[d];
      float* spread = own_scratch();
      for (int64_t k = 0; place.image >= 0 && k < group_out_; ++k) {
        planes_[d].spread(above_.plane(group * group_out_ + k, d), spread + k * plane_floats_);
      }
      for (int64_t c = group * group_in_; c < (group + 1) * group_in_; ++c) {
        if (place.image < 0 || !planes_[d].fills()) begin_plane(below_, c, d);
        if (place.image >= 0) body(c, d, place, spread);
      }
    });
  }

  template <class Kind>
  void put(Kind kind, int64_t channel, int64_t decision, const float* spread,
           const PlaneTarget& target) const {
    const int64_t group = channel / group_in_, own = channel % group_in_;
    const float* weight = weight_.data() + (group * group_out_ * group_in_ + own) * taps_;
    planes_[decision].put(kind, weight, spread, target,
                          {group_out_, plane_floats_, group_in_ * taps_});
  }

  PlaneTarget target(int64_t channel, int64_t decision, const float* feature, const Lanes& least,
                     bool sum) const {
    return PlaneTarget::of(below_.batch.window, below_.batch.places[decision],
                           below_.batch.plane(channel, decision), feature, least, sum);
  }
  float* own_scratch() const {
    return reinterpret_cast<float*>(context_.cpu().scratch()) + omp_get_thread_num() * floats_;
  }
  int64_t map_area() const { return below_.batch.window.y.map * below_.batch.window.x.map; }

  const Context& context_;
  const Tensor& weight_;
  const WindowBatch& above_;
  const GradientBelow& below_;
  int64_t taps_, groups_, group_in_, group_out_;
  std::vector<DepthwisePlane> planes_;
  int64_t plane_floats_ = 0, spread_ = 0, floats_ = 0;  // of one spread plane, of a group's, of all
};

}  // namespace

bool goes_by_groups(const WindowKernels& kernel, int64_t groups, const WindowBatch& above,
                    const WindowBatch& below) {
  if (groups == 1) return false;
  if (groups == below.channels) return true;
  // Larger groups' products are the faster ones.
  constexpr int64_t few = 16;
  return DepthwisePlane::has_blocks(kernel) && !above.one_hot && above.window.area() > 1 &&
         above.channels / groups <= few;
}

void grouped_window_backward(const Context& context, const Tensor& weight,
                             const WindowKernels& kernel, int64_t groups, const WindowBatch& above,
                             const GradientBelow& below) {
  const GroupWindow window(context, weight, kernel, groups, above, below);
  const bool several = above.channels > groups && !DepthwisePlane::has_blocks(kernel);
  above.one_hot || several ? window.run_sums() : window.run();
}

}  // namespace hdecomp::cpu
