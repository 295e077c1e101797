/// Descriptions and primitives under oneDNN's names.
#pragma once

#include <limits>
#include <memory>
#include <unordered_map>
#include <vector>

#include "kernels/plain/memory.h"

enum : int {
  DNNL_ARG_SRC = 1,
  DNNL_ARG_DST = 17,
  DNNL_ARG_FROM = DNNL_ARG_SRC,
  DNNL_ARG_TO = DNNL_ARG_DST,
  DNNL_ARG_WEIGHTS = 33,
  DNNL_ARG_BIAS = 41,
  DNNL_ARG_SCRATCHPAD = 80,
  DNNL_ARG_DIFF_SRC = 129,
  DNNL_ARG_DIFF_DST = 145,
  DNNL_ARG_MULTIPLE_SRC = 1024
};

namespace dnnl {

enum class algorithm {
  convolution_direct,
  convolution_winograd,
  pooling_max,
  eltwise_relu,
  eltwise_clip
};
enum class prop_kind { forward_inference };
enum class scratchpad_mode { user };

/// What a convolution's sums are held between.
class post_ops {
 public:
  /// A ReLU, or a clip to [low, high].
  void append_eltwise(float scale, algorithm which, float low, float high);

  float low = -std::numeric_limits<float>::infinity();
  float high = std::numeric_limits<float>::infinity();
};
struct primitive_attr {
  void set_scratchpad_mode(scratchpad_mode) {}
  void set_post_ops(const post_ops& to) { ends_in = to; }
  post_ops ends_in;
};

using arguments = std::unordered_map<int, memory>;

/// A description as a primitive runs it: nothing in it changes.
class kernel {
 public:
  virtual ~kernel() = default;
  virtual const char* name() const = 0;
  virtual void run(const arguments& given) const = 0;

  memory::desc src, weights, bias, dst;
  int64_t scratch_floats = 0;  // of all threads
};

class primitive {
 public:
  primitive() = default;
  explicit primitive(std::shared_ptr<const kernel> what) : what_(std::move(what)) {}
  void execute(const stream&, const arguments& given) const { what_->run(given); }

 private:
  std::shared_ptr<const kernel> what_;
};

/// What every description answers. There is one kernel for each.
class primitive_desc {
 public:
  explicit primitive_desc(std::shared_ptr<const kernel> what) : what_(std::move(what)) {}
  const std::shared_ptr<const kernel>& get() const { return what_; }
  const char* impl_info_str() const { return what_->name(); }
  bool next_impl() const { return false; }
  memory::desc src_desc() const { return what_->src; }
  memory::desc weights_desc() const { return what_->weights; }
  memory::desc bias_desc() const { return what_->bias; }
  memory::desc dst_desc() const { return what_->dst; }
  memory::desc diff_src_desc() const { return what_->src; }
  memory::desc diff_dst_desc() const { return what_->dst; }
  memory::desc scratchpad_desc() const {
    return {{what_->scratch_floats}, memory::data_type::f32, memory::format_tag::x};
  }

 private:
  std::shared_ptr<const kernel> what_;
};

struct convolution_forward : primitive {
  /// The cells between two taps are `gaps`, as oneDNN counts them. `dst` says where the map ends.
  struct desc {
    desc(prop_kind, algorithm how, const memory::desc& src, const memory::desc& weights,
         const memory::desc& bias, const memory::desc& dst, const memory::dims& strides,
         const memory::dims& gaps, const memory::dims& pads, const memory::dims& far_pads);
    algorithm how;
    memory::desc src, weights, bias, dst;
    memory::dims strides, gaps, pads;
  };
  struct primitive_desc : dnnl::primitive_desc {
    primitive_desc(const desc& op, const primitive_attr& attr, const engine&);
  };
  explicit convolution_forward(const primitive_desc& found) : primitive(found.get()) {}
};

struct convolution_backward_data {
  struct desc {
    desc(algorithm, const memory::desc& src, const memory::desc& weights, const memory::desc& dst,
         const memory::dims& strides, const memory::dims& gaps, const memory::dims& pads,
         const memory::dims& far_pads);
    memory::desc src, weights, dst;
    memory::dims strides, gaps, pads;
  };
  struct primitive_desc : dnnl::primitive_desc {
    primitive_desc(const desc& op, const primitive_attr& attr, const engine&,
                   const convolution_forward::primitive_desc&);
  };
};

struct pooling_forward {
  struct desc {
    desc(prop_kind, algorithm, const memory::desc& src, const memory::desc& dst,
         const memory::dims& strides, const memory::dims& kernel, const memory::dims& pads,
         const memory::dims& far_pads);
    memory::desc src, dst;
    memory::dims strides, kernel, pads;
  };
  struct primitive_desc : dnnl::primitive_desc {
    primitive_desc(const desc& op, const primitive_attr& attr, const engine&);
  };
};

struct concat {
  /// Of channels.
  struct primitive_desc : dnnl::primitive_desc {
    primitive_desc(int axis, const std::vector<memory::desc>& from, const engine&,
                   const primitive_attr&);
  };
};

struct reorder {
  struct primitive_desc : dnnl::primitive_desc {
    primitive_desc(const engine&, const memory::desc& from, const engine&, const memory::desc& to,
                   const primitive_attr&);
  };
};

}  // namespace dnnl
