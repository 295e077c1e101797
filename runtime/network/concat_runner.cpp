/// Runs maps side by side.
#include "kernels/core/copy.h"
#include "kernels/map/concat.h"
#include "runtime/network/node_runners.h"

namespace hdecomp {
namespace {

class ConcatRunner final : public NodeRunner {
 public:
  explicit ConcatRunner(const NodePlace& place) : NodeRunner(place) {}

  void add_step(ForwardPlan& plan, int64_t, BufferPool&) const override {
    plan.concat(node().inputs);
  }

  MapsForward over_maps(int64_t, const MapsGiven&, BufferPool&) const override {
    return [this](std::span<const Tensor* const> x, Tensor& y) { concat_forward(context(), x, y); };
  }

  void window_backward(size_t which, const InputFeatures&, const WindowBatch& above,
                       const GradientBelow& below) const override {
    copy_window_backward(context(), channels_of(above, offset(which), in(which).channels), below);
  }

  void dense_backward(size_t which, const InputFeatures&, const Tensor& gradient,
                      Tensor& target) override {
    const int64_t begin = offset(which) * in(which).height * in(which).width;
    const int64_t all = graph().shapes[index()].elements(), own = in(which).elements();
    for (int64_t image = 0; image < gradient.shape()[0]; ++image) {
      copy_bytes(context(), gradient.data() + image * all + begin, target.data() + image * own,
                 own * static_cast<int64_t>(sizeof(float)));
    }
  }

 private:
  int64_t offset(size_t which) const { return channel_offset(graph(), index(), which); }
};

}  // namespace

std::unique_ptr<NodeRunner> make_concat_runner(const NodePlace& place) {
  return std::make_unique<ConcatRunner>(place);
}

}  // namespace hdecomp
