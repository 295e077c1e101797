/// What the CPU's forward plan consists of: outputs in oneDNN's layouts and steps that fill them.
#pragma once

#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "kernels/conv/conv_dnnl.h"
#include "kernels/map/largest_magnitudes.h"
#include "kernels/plan/forward_plan.h"
#include "kernels/plan/moved_channels_cpu.h"
#include "kernels/plan/row_chain_cpu.h"

namespace hdecomp::cpu {

/// One image of a batch's extents.
inline Shape one_of(const Shape& batch) { return {1, batch[1], batch[2], batch[3]}; }

/// Images go through a step one by one, and each gets the bits that it has alone: where the weights
/// are larger than the maps all go through the step first, for the weights are in the cache from
/// the second on; else an image goes through all such steps before the next, for its maps are. Only
/// plain layers, linear ones above all, take images together.
class ForwardPlanCpu final : public ForwardPlan {
 public:
  ForwardPlanCpu(const Context& context, WeightStore* store)
      : ForwardPlan(context), store_(store != nullptr ? store : &own_store_) {}

  void look_ahead(const StepsAhead& steps) override;
  int input(const Shape& shape) override;
  int conv(int from, const ConvSpec& spec, const Tensor& weight, const Tensor& bias) override;
  int max_pool(int from, const PoolSpec& spec) override;
  int add(int a, int b, Activation activation) override;
  int concat(std::span<const int> from) override;
  int cell(std::span<const int> from, const Shape& shape, const CellOp& op,
           const CellWeights& weights, PlainBody body) override;
  int plain(std::span<const int> from, const Shape& shape, PlainBody body) override;

  void run(const Tensor& images) override;
  void run_from(int first, int64_t images) override;
  const Tensor& output(int step) const override;
  const Tensor& output_in(int step, const Window& window,
                          std::span<const Place> places) const override;
  const Shape& shape(int step) const override { return outputs_.at(step).shape; }

  bool goes_deep(int step) const override;
  bool is_laid(int step) const override;
  int64_t side_by_side(int step) const override;
  Tensor laid(int step, int64_t image) const override;
  void lay(int step, const Tensor& plain, Tensor& laid) const override;
  void unlay(int step, const Tensor& laid, Tensor& plain) const override;
  bool runs_laid(int step) const override { return ways_on_.contains(step); }
  void run_laid(int step, std::span<const Tensor> inputs, Tensor& y) const override;
  bool carries(int step) const override;
  bool lie_alike(int one, int other) const override { return layout(one) == layout(other); }
  void carry(int step, int64_t image, const Tensor& dy, Activation passes,
             Tensor& dx) const override;

  void watch(const std::vector<int>& steps) override;
  const Tensor& magnitudes() const override { return magnitudes_; }

 private:
  using memory = dnnl::memory;
  struct Output {
    Shape shape;                 // (n, c, h, w)
    std::vector<memory> images;  // n
    // The plain layout: made and filled when first asked for.
    mutable std::unique_ptr<Tensor> plain;
    mutable std::optional<Reorder> reorder;
    mutable bool brought = false;  // it is a copy of the images
    mutable bool fresh = false;    // the last run's
    // Else which pieces of turned_cells of each image's map are, none where it is empty.
    mutable std::vector<bool> fresh_pieces = {};
  };
  /// A part of a run: images [first, end), all that there are where it does not go deep.
  struct Step {
    int output;  // each has none, one or several; in their order
    std::function<void(int64_t first, int64_t end)> run;
    bool deep;
  };
  /// Of an output's images in another layout; whoever wants that one later has these, too.
  struct Copies {
    dnnl_memory_t of;  // its first image
    std::vector<memory> images;
  };
  struct PlainOutput {
    int step;
    Tensor& tensor;
  };
  /// A step's way back, of one image of the last run; planned when first asked for.
  using Carry = std::function<void(int64_t image, const float* dy, Activation passes, float* dx)>;
  /// A step over other maps.
  using WayOn = std::function<void(std::span<const Tensor> inputs, Tensor& y)>;
  struct WayBack {
    std::function<Carry()> plan;
    mutable Carry carry;
  };
  /// An argument of a primitive: the same for all images, or one for each.
  using Arguments = std::unordered_map<int, std::vector<memory>>;

  const dnnl::engine& engine() const { return context_.cpu().engine; }

  /// A convolution of one image by our own kernel.
  using OwnConv = std::function<void(const float* x, float* y)>;
  /// Such a step, of the kernel that is faster here than oneDNN's; none if there is none.
  std::optional<int> own_conv_where_faster(int from, const ConvSpec& spec, const Tensor& weight,
                                           const Tensor& bias);
  int own_conv(int from, const ConvSpec& spec, const Tensor& weight, memory::format_tag layout,
               int64_t weight_bytes, OwnConv conv);
  /// A step of a cell op whose output has that layout.
  int cell_in_layout(std::span<const int> from, const Shape& shape, const CellOp& op,
                     const CellWeights& weights, memory::format_tag layout);
  /// Whether the step that is being added leaves its channels where they are, for others to move.
  bool leaves_channels() const { return !moved_on_.empty() && moved_on_[next_step()]; }
  /// All channels of these steps, one after another; none where they do not lie channels last.
  std::optional<MovedChannels> channels_last(std::span<const int> from) const;
  /// The same of the one that a cell op moves, after the move; none of any other op, or where the
  /// op had better be run as it is.
  std::optional<MovedChannels> moved(int from, const Shape& shape, const CellOp& op) const;
  /// A step that consists of them: it copies them, or leaves them where they are.
  int move_channels(MovedChannels channels, const Shape& shape);
  /// Memory for it.
  std::vector<memory> cell_output(std::span<const int> from, const Shape& shape, const CellOp& op,
                                  memory::format_tag layout);
  /// Of maps that lie in blocks of so many channels.
  int max_pool_in_blocks(int from, const PoolSpec& spec, const memory::desc& wanted, int64_t block);
  int plain_max_pool(int from, const PoolSpec& spec, const Shape& shape);
  int add_output(const Shape& shape, std::vector<memory> images);
  /// The step that is being added.
  int next_step() const { return static_cast<int>(outputs_.size()); }
  int last_reader(int step) const { return last_readers_.empty() ? kept : last_readers_.at(step); }
  bool has_home(int step) const { return !homes_.empty() && homes_.at(step).concat >= 0; }
  bool is_at_home(int step) const { return !at_home_.empty() && at_home_[step]; }
  bool keeps_all() const { return last_readers_.empty(); }
  /// Memory that is the caller's until that step has run; of one image, or of all. An image's is
  /// used again for that image alone: the others may not have come so far.
  void* place(size_t bytes, int until, int64_t image);
  /// Memory for all images of the batch, until that step has run.
  std::vector<memory> take(const memory::desc& layout, int until);
  /// The same for the output of the step that is being added: its part of a concatenation's where
  /// that lies in one piece.
  std::vector<memory> take_output(const memory::desc& layout);
  /// Of a concatenation that lies in blocks of channels, and its parts: made for the first of them.
  const std::vector<memory>& whole(const StepsAhead::Home& home);
  /// Channels [first, ...) of a whole's images, in that layout.
  std::vector<memory> part(const std::vector<memory>& whole, int64_t first,
                           const memory::desc& layout) const;
  /// The concatenation of steps whose outputs are parts of one, one behind the other.
  std::optional<std::vector<memory>> joined_parts(std::span<const int> from, const Shape& shape);
  /// The memory of step `from`'s output for that of the step that is being added, which is its
  /// last reader; none where it is not, or either is kept.
  std::vector<memory> take_over(int from, const memory::desc& layout);
  /// Adds a oneDNN primitive that runs on `threads` threads, once for each image.
  void add_step(const char* what, int threads, Primitive primitive, const Arguments& arguments,
                bool deep = true);
  /// Makes the step that is being added a link of a chain of rows: of the one before it, which
  /// `from` ends, where that gains by it, else of a new one; or of none.
  void link_rows(int from, const std::vector<memory>& in, RowLink link);
  /// The same of a cell op, whose inputs lie there.
  void chain_cell(std::span<const int> from, const Shape& shape, const CellOp& op,
                  const CellWeights& weights, const std::vector<std::vector<memory>>& inputs,
                  const std::vector<bool>& one_cell);
  /// After the step was added: the chain runs in place of its last two.
  void keep_chain();
  /// Whether the step that is being added runs while others' rows of that step are still to be
  /// read.
  bool chain_reads(int step) const;
  /// A step's output, or reordered copies of it that a step before this one fills.
  std::vector<memory> in_layout(int from, const memory::desc& wanted);
  void bring(const Output& out) const;
  /// Makes the plain tensor of an output that lies otherwise.
  void make_plain(const Output& out) const;
  /// A step's output that is to be kept, plain: zeros, or those of the plan that this one is over.
  std::unique_ptr<Tensor> kept_plain(int step, const Shape& shape) const;
  /// One image's layout.
  memory::desc layout(int step) const { return outputs_.at(step).images[0].get_desc(); }
  bool fills_its_shape(int step) const;
  /// Of a primitive with one input, in layout `in`, which else may be reordered. The rest of its
  /// arguments is the same for all images.
  void keep_way_on(int step, int from, int threads, const Primitive& primitive,
                   const memory::desc& in, Primitive::Arguments rest);
  void reorder(const Shape& maps, const memory::desc& from, const float* source,
               const memory::desc& to, float* target) const;
  /// Where the maps of both fill their shapes.
  void keep_way_back(int step, int from, std::function<Carry()> plan);
  Carry conv_way_back(int from, int step, const ConvSpec& spec, const Tensor& weight) const;
  void keep_pool_way_back(int step, int from, const PoolSpec& spec);
  /// A step's output that is plain by nature.
  PlainOutput plain_output(const Shape& shape);

  int64_t batch_ = 0;   // most images
  int64_t images_ = 0;  // of the last run
  std::vector<Output> outputs_;
  /// Memory of outputs that are not kept.
  struct Room {
    void* data;
    size_t bytes;
    int until;  // this step has run
    int64_t image;
  };
  static constexpr int kept = StepsAhead::kept;
  static constexpr int64_t all_images = -1;
  std::vector<int> last_readers_;  // by step; none where all are kept
  bool in_blocks_ = false;         // convolutions' maps lie in blocks of 16 channels where they can
  std::vector<StepsAhead::Home> homes_;
  std::vector<bool> at_home_;  // by step
  struct Whole {
    std::vector<memory> images;
    int until;  // the last step that reads any part
  };
  std::unordered_map<int, Whole> wholes_;                 // by concatenation
  std::vector<bool> moved_on_;                            // by step; none where all have memory
  std::unordered_map<int, MovedChannels> left_channels_;  // of steps without memory
  LargePieces pieces_;
  struct Placed {
    std::shared_ptr<void> data;
    size_t bytes;
  };
  std::vector<Placed> placed_;            // in the order of their steps
  const ForwardPlanCpu* over_ = nullptr;  // whose memory this plan's is
  std::vector<Room> rooms_;
  WeightStore own_store_;
  WeightStore* store_;
  std::vector<std::shared_ptr<const float>> weights_;  // in layouts of oneDNN's
  std::vector<Copies> copies_;
  std::vector<Step> steps_;
  struct Chain {
    RowChain rows;
    std::vector<memory> input;
    int last;      // the step that is its last link
    size_t steps;  // there were so many with that one
  };
  std::optional<Chain> chain_;
  std::unordered_map<int, WayOn> ways_on_;  // by step
  std::unordered_map<int, WayBack> ways_back_;
  TensorOf<FloatArray> sources_;  // (n * watched steps)
  Tensor magnitudes_;             // (n, watched steps)
};

}  // namespace hdecomp::cpu
