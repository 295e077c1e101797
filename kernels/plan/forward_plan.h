/// A forward pass planned as a whole: activations stay in the layouts that the device's kernels
/// like best and are brought to plain (n, c, h, w) only where they are read.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "kernels/cell/cell_ops.h"
#include "kernels/conv/conv.h"
#include "kernels/core/context.h"
#include "kernels/core/tensor.h"
#include "kernels/pool/pool.h"

namespace hdecomp {

/// A cell op's, null where its formula names none. They must outlive the plan.
struct CellWeights {
  const Tensor* weight = nullptr;
  const Tensor* bias = nullptr;
};

class ForwardPlan;

/// What a plan may be told of its steps before the first is added.
struct StepsAhead {
  static constexpr int kept = std::numeric_limits<int>::max();
  /// By step, the input the first: the last step that reads its output, `kept` where output() may
  /// be asked for it after a run. The others' memory is used again after that, and comes out of the
  /// caches. Empty: all are kept.
  std::vector<int> last_readers;
  std::vector<ConvSpec> convs;
  /// Where a step's output lies in a concatenation's: the outermost that it is in, if any.
  struct Home {
    int concat = -1;
    int64_t channel = 0;  // its first
    Shape whole = {};
  };
  std::vector<Home> homes = {};  // by step; may be empty
  /// By step: whether it only puts channels elsewhere, and so do all that read its output, one
  /// input each. It needs no memory of its own; its inputs' last readers are then its own. May be
  /// empty.
  std::vector<bool> moved_on = {};
  /// On the CPU: a plan that keeps all of the same steps with other weights, which must outlive
  /// this one. All outputs lie in its memory.
  const ForwardPlan* over = nullptr;
};

/// Steps are added in the order in which they run; each returns its number, by which later steps
/// and output() name it. Weights are reordered and kernels chosen when a step is
/// added; memory is taken then, or in the first run. Weights and context must outlive the plan.
class ForwardPlan {
 public:
  /// Computes a step's output for the whole batch from its inputs, all plain.
  using PlainBody = std::function<void(std::span<const Tensor* const> inputs, Tensor& y)>;

  virtual ~ForwardPlan() = default;

  /// Before the first step.
  virtual void look_ahead(const StepsAhead&) {}
  /// First: (n, c, h, w), n the most images of a run. Later steps' specs have the same batch n.
  virtual int input(const Shape& shape) = 0;
  virtual int conv(int from, const ConvSpec& spec, const Tensor& weight, const Tensor& bias) = 0;
  virtual int max_pool(int from, const PoolSpec& spec) = 0;
  /// activation(a + b).
  virtual int add(int a, int b, Activation activation) = 0;
  /// The channels of all steps of `from`, one after another.
  virtual int concat(std::span<const int> from) = 0;
  /// A formula of cells (kernels/cell), of whose inputs one has the output's shape or is all that
  /// there is; `plain` computes it where the device has no layout of its own for it.
  virtual int cell(std::span<const int> from, const Shape& shape, const CellOp&, const CellWeights&,
                   PlainBody body) {
    return plain(from, shape, std::move(body));
  }
  /// Any other op: one that has no layout of its own. The body is called in every run.
  virtual int plain(std::span<const int> from, const Shape& shape, PlainBody body) = 0;

  /// Runs all steps on one to n images; takes no memory for tensors after the first. An image's
  /// outputs are the same bits beside any others.
  virtual void run(const Tensor& images) = 0;
  /// On the CPU: the steps from `first` on, of `images` images, whose outputs of the steps below
  /// were left in this memory, by this plan or others over it.
  virtual void run_from(int first, int64_t images);
  /// A step's output in the last run, (n, c, h, w), brought to this plain layout when first asked
  /// for. Only the images of that run are defined. Valid until the next run.
  virtual const Tensor& output(int step) const = 0;
  /// The same tensor, of which only the cells inside the windows at these places need be the
  /// step's output.
  virtual const Tensor& output_in(int step, const Window&, std::span<const Place>) const {
    return output(step);
  }

  /// From the next run on, magnitudes() tells of these steps' outputs. Once, after the last step.
  virtual void watch(const std::vector<int>& steps) = 0;
  /// (n, watched steps) on the context's device: largest_magnitudes of each image's outputs in the
  /// last run. Only the images of that run are defined.
  virtual const Tensor& magnitudes() const = 0;
  virtual const Shape& shape(int step) const = 0;

  // The way back in the plan's own layouts: a map there has as many floats as a plain one, in the
  // order of its step's output. A plan may have none.

  /// Whether images had better go through a step one by one, each through all such steps at once:
  /// its maps are larger than its weights, and still in the cache for the next step then.
  virtual bool goes_deep(int) const { return false; }
  /// Whether a step's maps lie otherwise than plainly.
  virtual bool is_laid(int) const { return false; }
  /// Of a laid step how many channels lie side by side: its maps are (channels / that, height,
  /// width, that); 0 where they lie in no such way.
  virtual int64_t side_by_side(int) const { return 0; }
  /// The output of an image of the last run as it lies, (1, c, h, w); memory of the plan's.
  virtual Tensor laid(int step, int64_t image) const;
  /// Maps (n, c, h, w) from the plain layout to the step's, and back.
  virtual void lay(int step, const Tensor& plain, Tensor& laid) const;
  virtual void unlay(int step, const Tensor& laid, Tensor& plain) const;
  /// Whether a step can be run over other maps than the plan's, which lie as those of its inputs
  /// do.
  virtual bool runs_laid(int) const { return false; }
  /// One map of each input, (1, c, h, w); the plan's own outputs stay as they are.
  virtual void run_laid(int step, std::span<const Tensor> inputs, Tensor& y) const;
  /// Whether two steps' maps of one shape lie alike.
  virtual bool lie_alike(int, int) const { return true; }
  /// Whether a gradient can be carried from a step, before its activation, to its input as they
  /// lie.
  virtual bool carries(int) const { return false; }
  /// Of one image of the last run: all of `dx`. What `passes`, the activation of the step that the
  /// input is of or none, does not let pass at that step's output becomes 0.
  virtual void carry(int step, int64_t image, const Tensor& dy, Activation passes,
                     Tensor& dx) const;

 protected:
  explicit ForwardPlan(const Context& context) : context_(context) {}

  /// The shape that steps side by side have as one. Throws Error if they do not fit.
  Shape concat_shape(std::span<const int> from) const;

  const Context& context_;
};

/// With a store, which must outlive the plan, what the CPU makes of the weights is shared with all
/// plans that have the store.
std::unique_ptr<ForwardPlan> make_forward_plan(const Context& context,
                                               WeightStore* store = nullptr);

namespace cpu {
std::unique_ptr<ForwardPlan> make_forward_plan(const Context& context, WeightStore* store);
}
namespace cuda {
std::unique_ptr<ForwardPlan> make_forward_plan(const Context& context);
}

}  // namespace hdecomp
