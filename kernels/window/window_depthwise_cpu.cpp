/// The window backward of convolutions with a group per input channel, on the CPU: no product, each
/// row below adds up all taps of its own few planes above.
#include "kernels/window/window_depthwise_cpu.h"

#include <vector>

#include "kernels/core/context_cpu.h"
#include "kernels/window/depthwise_plane_cpu.h"

namespace hdecomp::cpu {
namespace {

/// All decisions' planes, and memory to spread one of them on each thread.
class DepthwiseWindow {
 public:
  DepthwiseWindow(const Context& context, const Tensor& weight, const WindowKernels& kernel,
                  const WindowBatch& above, const GradientBelow& below)
      : context_(context), weight_(weight), above_(above), below_(below), taps_(kernel.taps()) {
    for (const Place& place : above.places) {
      planes_.emplace_back(kernel, above.window, below.batch.window, place);
      floats_ = std::max(floats_, planes_.back().floats());
    }
    const auto threads = static_cast<int64_t>(context.threads());
    context.cpu().reserve_scratch(threads * floats_ * static_cast<int64_t>(sizeof(float)));
  }

  /// Planes below that one plane above reaches, written once: through the activation, too.
  void run() const {
    const bool sum = below_.into == Accumulate::sum, masked = below_.mask.feature != nullptr;
    const Lanes least = least_passed(below_.mask.rule);
    const int64_t decisions = above_.decisions();
    with_constant(masked ? below_.mask.activation : Activation::none, [&](auto kind) {
      parallel_for(context_, above_.channels * decisions, [&](int64_t i) {
        const int64_t c = i / decisions, d = i % decisions;
        const Place& place = above_.places[d];
        if (place.image < 0 || !planes_[d].fills()) begin_plane(below_, c, d);
        if (place.image < 0) return;
        const float* feature = masked ? feature_plane(*below_.mask.feature, place, c) : nullptr;
        put(kind, c, d, above_.plane(c, d), {below_.batch.plane(c, d), feature, least, sum});
      });
    });
  }

  /// Planes below that add up `outputs` planes above, or one-hot decisions.
  void run_sums(int64_t outputs) const {
    for_each_plane_below(context_, below_, [&](int64_t c, int64_t d, const Place&) {
      for (int64_t k = c * outputs; k < (c + 1) * outputs; ++k) {
        float single = 0;
        const float* from = plane_or(above_, k, d, single);
        if (above_.one_hot && single == 0) continue;
        put(std::integral_constant<Activation, Activation::none>{}, k, d, from,
            {below_.batch.plane(c, d), nullptr, Lanes{}, true});
      }
    });
  }

 private:
  template <class Kind>
  void put(Kind kind, int64_t output, int64_t decision, const float* from,
           const PlaneTarget& target) const {
    float* spread =
        reinterpret_cast<float*>(context_.cpu().scratch()) + omp_get_thread_num() * floats_;
    planes_[decision].spread(from, spread);
    planes_[decision].put(kind, weight_.data() + output * taps_, spread, target);
  }

  const Context& context_;
  const Tensor& weight_;
  const WindowBatch& above_;
  const GradientBelow& below_;
  int64_t taps_;
  std::vector<DepthwisePlane> planes_;
  int64_t floats_ = 0;
};

}  // namespace

void depthwise_window_backward(const Context& context, const Tensor& weight,
                               const WindowKernels& kernel, const WindowBatch& above,
                               const GradientBelow& below) {
  const DepthwiseWindow window(context, weight, kernel, above, below);
  const int64_t outputs = above.channels / below.batch.channels;
  if (outputs == 1 && !above.one_hot) return window.run();
  window.run_sums(outputs);
}

}  // namespace hdecomp::cpu
