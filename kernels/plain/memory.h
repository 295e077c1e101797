/// Layouts and memory under oneDNN's names: float32, plain strides, and at most one block inside.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <vector>

enum dnnl_status_t { dnnl_success, dnnl_out_of_memory, dnnl_invalid_arguments, dnnl_unimplemented };
enum dnnl_data_type_t { dnnl_data_type_undef, dnnl_f32 };
enum dnnl_format_kind_t {
  dnnl_format_kind_undef,
  dnnl_format_kind_any,
  dnnl_blocked,
  dnnl_format_kind_wino  // a Winograd transform's weights
};
constexpr uint64_t dnnl_memory_extra_flag_none = 0;
using dnnl_dim_t = int64_t;
constexpr int dnnl_plain_max_ndims = 5;  // groups, outputs, inputs, height, width

/// Where index i of dimension d lies: i * strides[d], of the blocked dimension
/// i / block * strides[d] + i % block.
struct dnnl_blocking_desc_t {
  dnnl_dim_t strides[dnnl_plain_max_ndims];
  int inner_nblks;
  dnnl_dim_t inner_blks[1], inner_idxs[1];
};
/// Weights (outputs in panels of oc_block, alpha x alpha positions, inputs, oc_block).
struct dnnl_wino_desc_t {
  int wino_format, r, alpha, ic, oc, ic_block, oc_block, ic2_block, oc2_block;
  float adj_scale;
  size_t size;
};
struct dnnl_memory_desc_t {
  int ndims;
  dnnl_dim_t dims[dnnl_plain_max_ndims];
  dnnl_data_type_t data_type;
  dnnl_dim_t padded_dims[dnnl_plain_max_ndims], padded_offsets[dnnl_plain_max_ndims];
  dnnl_dim_t offset0;
  dnnl_format_kind_t format_kind;
  struct {
    dnnl_blocking_desc_t blocking;
    dnnl_wino_desc_t wino_desc;
  } format_desc;
  struct {
    uint64_t flags;
  } extra;
};

/// What a memory object refers to; copies of it share this.
struct dnnl_memory;
using dnnl_memory_t = const dnnl_memory*;

namespace dnnl {

struct error : std::exception {
  error(dnnl_status_t which, const char* what) : status(which), message(what) {}
  const char* what() const noexcept override { return message; }
  dnnl_status_t status;
  const char* message;
};

struct engine {
  enum class kind { cpu };
  engine(kind, size_t) {}
};
struct stream {
  explicit stream(const engine&) {}
  void wait() const {}
};

class memory {
 public:
  using dims = std::vector<int64_t>;
  enum class data_type { undef = dnnl_data_type_undef, f32 = dnnl_f32 };
  enum class format_tag { any, x, nchw, nhwc, nChw8c, nChw16c, oihw, goihw };

  struct desc {
    desc() = default;
    explicit desc(const dnnl_memory_desc_t& told) : data(told) {}
    desc(const dims& extent, data_type type, format_tag tag);

    memory::dims dims() const { return {data.dims, data.dims + data.ndims}; }
    size_t get_size() const;  // bytes, with what fills up the last block
    /// Whether all numbers lie alike: a stride along one cell says nothing.
    bool operator==(const desc& other) const;

    dnnl_memory_desc_t data = {};
  };

  memory() = default;
  memory(const desc& layout, const engine& of, void* data);
  memory(const desc& layout, const engine& of);  // in memory of its own

  const desc& get_desc() const;
  void* get_data_handle() const;
  void set_data_handle(void* data) const;
  dnnl_memory_t get() const { return shared_.get(); }
  float* floats() const { return static_cast<float*>(get_data_handle()); }

 private:
  std::shared_ptr<dnnl_memory> shared_;
};

}  // namespace dnnl

namespace hdecomp::plain {

/// Dimensions in the order of `order`, the last one innermost, each `extent` long; where `block` is
/// not 0, the first dimension of `order` but for groups, `blocked`, has so many of its own side by
/// side innermost.
dnnl::memory::desc ordered(const std::vector<int64_t>& extent, const std::vector<int>& order,
                           int blocked = 0, int64_t block = 0);
bool is_channels_last(const dnnl::memory::desc& layout);

}  // namespace hdecomp::plain
