/// Stands in for the CUDA backend in a build without it: no GPU is usable and every op throws.
#include "hdecomp/error.h"
#include "kernels/cell/cell_ops.h"
#include "kernels/conv/channel_conv.h"
#include "kernels/conv/conv.h"
#include "kernels/conv/linear.h"
#include "kernels/core/cuda_backend.h"
#include "kernels/gap/activation_maps.h"
#include "kernels/gap/baselines.h"
#include "kernels/gap/cover.h"
#include "kernels/gap/gap_reduce.h"
#include "kernels/gap/next_decisions.h"
#include "kernels/gap/root_decisions.h"
#include "kernels/gap/topk.h"
#include "kernels/map/concat.h"
#include "kernels/map/elementwise.h"
#include "kernels/map/item_maps.h"
#include "kernels/map/largest_magnitudes.h"
#include "kernels/map/normalise_image.h"
#include "kernels/map/relevance.h"
#include "kernels/map/softmax.h"
#include "kernels/plan/forward_plan.h"
#include "kernels/pool/pool.h"
#include "kernels/window/window_backward.h"

namespace hdecomp::cuda {
namespace {

[[noreturn]] void refuse() { throw Error("this build has no CUDA backend"); }

}  // namespace

int count() { return 0; }
bool usable(int) { return false; }
void* allocate(int, int64_t) { refuse(); }
void release(int, void*) noexcept {}
void* allocate_page_locked(int, int64_t) { refuse(); }
void release_page_locked(void*) noexcept {}
std::shared_ptr<Context::Cuda> make_context(int index) {
  throw UserError(
      joined("device cuda:", index, ": this build has no CUDA backend; give --device cpu"));
}
void finish(const Context&) { refuse(); }
void copy(const Context&, const void*, void*, int64_t) { refuse(); }
void clear(const Context&, void*, int64_t) { refuse(); }
std::unique_ptr<Recording> record(const Context&, const std::function<void()>&) { refuse(); }
std::unique_ptr<Mark> mark(const Context&) { refuse(); }
std::unique_ptr<Mark> copy_aside(const Context&, const void*, void*, int64_t) { refuse(); }

std::unique_ptr<Conv> make_conv(const Context&, const ConvSpec&, const Tensor&, const Tensor&) {
  refuse();
}
std::unique_ptr<Linear> make_linear(const Context&, const LinearSpec&, const Tensor&,
                                    const Tensor&) {
  refuse();
}
std::unique_ptr<ForwardPlan> make_forward_plan(const Context&) { refuse(); }
void max_pool_forward(const Context&, const PoolSpec&, const Tensor&, Tensor&, IndexTensor&) {
  refuse();
}
void max_pool_backward(const Context&, const PoolSpec&, const Tensor&, const IndexTensor&,
                       Tensor&) {
  refuse();
}
void adaptive_avg_pool_forward(const Context&, const Tensor&, Tensor&) { refuse(); }
void adaptive_avg_pool_backward(const Context&, const Tensor&, Tensor&) { refuse(); }
void activation_backward(const Context&, Activation, const Tensor&, const Tensor&, Tensor&) {
  refuse();
}
void add_forward(const Context&, const Tensor&, const Tensor&, Activation, Tensor&) { refuse(); }
void keep_part(const Context&, Part, const Tensor&, Tensor&) { refuse(); }
void multiply(const Context&, const Tensor&, const Tensor&, Tensor&) { refuse(); }
void stabilised_ratio(const Context&, const Tensor&, const Tensor&, float, Tensor&) { refuse(); }
void concat_forward(const Context&, std::span<const Tensor* const>, Tensor&) { refuse(); }
void softmax_forward(const Context&, const Tensor&, Tensor&) { refuse(); }
void gap_reduce(const Context&, const WindowBatch&, const Tensor&, GapResult&) { refuse(); }
void conv_window_backward(const Context&, const Tensor&, const WindowKernels&, int64_t,
                          const WindowBatch&, const GradientBelow&) {
  refuse();
}
void max_pool_window_backward(const Context&, const WindowKernels&, const Tensor&,
                              const WindowBatch&, const GradientBelow&) {
  refuse();
}
void copy_window_backward(const Context&, const WindowBatch&, const GradientBelow&) { refuse(); }
void adaptive_avg_pool_window_backward(const Context&, const WindowBatch&, const GradientBelow&) {
  refuse();
}
void linear_window_backward(const Context&, const Tensor&, const WindowBatch&,
                            const GradientBelow&) {
  refuse();
}
void cell_forward(const Context&, const CellOp&, std::span<const Tensor* const>, const Tensor*,
                  const Tensor*, Tensor&, Tensor&) {
  refuse();
}
void cell_window_backward(const Context&, const CellOp&, size_t, std::span<const Tensor* const>,
                          const Tensor*, const WindowBatch&, const GradientBelow&) {
  refuse();
}
void activation_maps(const Context&, const WindowBatch&, const Tensor&, const IndexTensor&,
                     Tensor&) {
  refuse();
}
void next_decisions(const Context&, std::span<const Place>, const IndexTensor&, const IndexTensor&,
                    const Tensor&, Tensor&, PlaceTensor&) {
  refuse();
}
void normalise_image(const Context&, const TensorOf<uint8_t>&, const ChannelScale&, Tensor&) {
  refuse();
}
void root_decisions(const Context&, const Tensor&, int64_t, int64_t, PlaceTensor&) { refuse(); }
void largest_magnitudes(const Context&, const TensorOf<FloatArray>&, Tensor&) { refuse(); }
void topk(const Context&, const Tensor&, IndexTensor&) { refuse(); }
void keep_cover(const Context&, const Tensor&, double, IndexTensor&) { refuse(); }
void subtract_baselines(const Context&, const Tensor&, const Tensor*, Baselines&, Tensor&) {
  refuse();
}
void clear_rounding(const Context&, std::span<const Place>, const Baselines&, const Tensor&,
                    Tensor&) {
  refuse();
}
void gather_maps(const Context&, const ItemMaps&, const GatherPlan&, Tensor&) { refuse(); }
void gather_differences(const Context&, const ItemMaps&, const MapRegion&, Tensor&) { refuse(); }
void fill_planes(const Context&, const IndexTensor&, const Tensor&, Tensor&) { refuse(); }
void channel_conv(const Context&, const ChannelConv&, const Tensor&, const Tensor&, const Tensor&,
                  Tensor&) {
  refuse();
}

}  // namespace hdecomp::cuda
