/// Steps of the forward pass of which each reads the one before it alone: run together, some rows
/// at a time, so that the maps between them stay in a core's cache.
#pragma once

#include <dnnl.hpp>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "kernels/cell/cell_layout_cpu.h"
#include "kernels/conv/conv_dnnl.h"
#include "kernels/plan/forward_plan.h"

namespace hdecomp::cpu {

/// A step of a chain, of one image; all maps lie channels last.
struct RowLink {
  Shape in, out;  // (1, c, h, w)
  // A convolution, by the kernel of that name, or else a cell op of which each number is computed
  // from those at its own place.
  bool is_conv = false;
  ConvSpec conv = {};
  std::string kernel = {};
  const Tensor* weight = nullptr;
  const Tensor* bias = nullptr;
  CellOp op = {};
  /// The op's inputs: by image where they come from outside of the chain.
  struct Operand {
    std::vector<dnnl::memory> images;  // none: the link before
    bool one_cell = false;
  };
  std::vector<Operand> operands = {};

  int64_t bytes_in() const { return in.elements() * static_cast<int64_t>(sizeof(float)); }
  int64_t bytes_out() const { return out.elements() * static_cast<int64_t>(sizeof(float)); }
  bool reads_neighbours() const { return is_conv && conv.kernel_h > 1; }
};

/// Any cut into rows gives the bits of the whole steps: oneDNN's kernels for channels last sum each
/// output cell's products in one order, however many rows a map has.
class RowChain {
 public:
  explicit RowChain(const Context& context) : context_(&context) {}

  /// Whether running `next` behind the links so far, of which there is one at least, is likely to
  /// take less time than running it alone.
  bool gains_by(const RowLink& next) const;
  void add(RowLink link) { links_.push_back(std::move(link)); }
  int64_t length() const { return std::ssize(links_); }

  /// Chooses rows and kernels. False, where oneDNN has other kernels for them than for the whole
  /// maps.
  bool plan(WeightStore* store);
  /// One image, from the first link's input to the last one's output.
  void run(int64_t image, const float* x, float* y);

 private:
  struct Rows {
    int64_t begin = 0, end = 0;
    int64_t count() const { return end - begin; }
    bool operator==(const Rows&) const = default;
  };
  /// A convolution of so many rows between zeros above and below them.
  struct Kernel {
    size_t link;
    int64_t rows, top, bottom;
    dnnl::convolution_forward::primitive_desc found;
    dnnl::primitive primitive;
    dnnl::memory weights;
  };
  struct Call {
    dnnl::primitive primitive;
    std::unordered_map<int, dnnl::memory> arguments;
  };
  /// Some rows of the last link's output: by map, the chain's input the first, which rows the next
  /// link reads now, and which of these the band before has not left; by link, where it is a
  /// convolution, its call.
  struct Band {
    std::vector<Rows> maps, made;  // links + 1
    std::vector<Call> calls;
  };
  /// A task: bands one below the other.
  using Run = std::vector<Band>;

  /// A link and the cell ops behind it share their rows' memory: behind the last of these.
  size_t place_end(size_t link) const;
  bool choose_rows();
  void cut(int64_t runs, int64_t bands);
  Band band(Rows last, const Band* before) const;
  bool choose_kernels(WeightStore* store);
  /// Null where oneDNN has another one for these rows.
  const Kernel* kernel(size_t link, Rows in, Rows out, WeightStore* store);
  Call call(const Kernel& kernel, const Tensor& bias) const;
  void run_band(Band& band, const Band* before, int64_t image, const float* x, float* y,
                char* room) const;
  void run_conv(Call& call, const float* x, float* y, char* scratchpad) const;
  void run_cell(const RowLink& link, Rows rows, int64_t image, const float* x, float* y) const;

  const Context* context_;
  /// For cell ops inside a task.
  std::shared_ptr<const Context> single_ = std::make_shared<const Context>(Device{}, 1);
  std::vector<RowLink> links_;
  std::vector<Run> runs_;
  std::vector<Kernel> kernels_;
  std::vector<std::shared_ptr<const float>> weights_;
  // Of a thread's room: of each link's largest output, the last's of those in one place; of all.
  std::vector<int64_t> map_bytes_;
  int64_t maps_bytes_ = 0, scratchpad_bytes_ = 0;
};

}  // namespace hdecomp::cpu
