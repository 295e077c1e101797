/// Layouts described, compared and measured.
#include "kernels/plain/memory.h"

#include <algorithm>
#include <cstdlib>

struct dnnl_memory {
  dnnl::memory::desc layout;
  void* data = nullptr;
  std::unique_ptr<float[]> own = {};
};

namespace hdecomp::plain {

dnnl::memory::desc ordered(const std::vector<int64_t>& extent, const std::vector<int>& order,
                           int blocked, int64_t block) {
  dnnl::memory::desc made;
  dnnl_memory_desc_t& told = made.data;
  told.ndims = static_cast<int>(extent.size());
  told.data_type = dnnl_f32;
  told.format_kind = dnnl_blocked;
  std::copy(extent.begin(), extent.end(), told.dims);
  std::copy(extent.begin(), extent.end(), told.padded_dims);
  dnnl_blocking_desc_t& blocks = told.format_desc.blocking;
  int64_t step = 1;
  if (block > 0) {
    blocks.inner_nblks = 1;
    blocks.inner_blks[0] = step = block;
    blocks.inner_idxs[0] = blocked;
    told.padded_dims[blocked] = (extent[blocked] + block - 1) / block * block;
  }
  for (auto d = order.rbegin(); d != order.rend(); ++d) {
    blocks.strides[*d] = step;
    step *= block > 0 && *d == blocked ? told.padded_dims[*d] / block : extent[*d];
  }
  return made;
}

bool is_channels_last(const dnnl::memory::desc& layout) {
  return layout.data.ndims == 4 && layout == ordered(layout.dims(), {0, 2, 3, 1});
}

}  // namespace hdecomp::plain

namespace dnnl {

memory::desc::desc(const memory::dims& extent, data_type type, format_tag tag) {
  using hdecomp::plain::ordered;
  if (type != data_type::f32 || extent.size() > dnnl_plain_max_ndims) {
    throw error(dnnl_unimplemented, "a layout that is not known");
  }
  switch (tag) {
    case format_tag::any:
      *this = ordered(extent, {});
      data.format_kind = dnnl_format_kind_any;
      return;
    case format_tag::x:
      *this = ordered(extent, {0});
      return;
    case format_tag::nchw:
    case format_tag::oihw:
      *this = ordered(extent, {0, 1, 2, 3});
      return;
    case format_tag::goihw:
      *this = ordered(extent, {0, 1, 2, 3, 4});
      return;
    case format_tag::nhwc:
      *this = ordered(extent, {0, 2, 3, 1});
      return;
    case format_tag::nChw8c:
      *this = ordered(extent, {0, 1, 2, 3}, 1, 8);
      return;
    case format_tag::nChw16c:
      *this = ordered(extent, {0, 1, 2, 3}, 1, 16);
  }
}

size_t memory::desc::get_size() const {
  if (data.format_kind == dnnl_format_kind_wino) return data.format_desc.wino_desc.size;
  if (data.ndims == 0) return 0;
  size_t bytes = sizeof(float);
  for (int d = 0; d < data.ndims; ++d) bytes *= static_cast<size_t>(data.padded_dims[d]);
  return bytes;
}

bool memory::desc::operator==(const desc& other) const {
  const dnnl_memory_desc_t &a = data, &b = other.data;
  if (a.ndims != b.ndims || a.format_kind != b.format_kind) return false;
  if (!std::equal(a.dims, a.dims + a.ndims, b.dims)) return false;
  if (a.format_kind != dnnl_blocked) return get_size() == other.get_size();
  const dnnl_blocking_desc_t &x = a.format_desc.blocking, &y = b.format_desc.blocking;
  if (x.inner_nblks != y.inner_nblks) return false;
  if (x.inner_nblks > 0 &&
      (x.inner_blks[0] != y.inner_blks[0] || x.inner_idxs[0] != y.inner_idxs[0])) {
    return false;
  }
  for (int d = 0; d < a.ndims; ++d) {
    if (a.dims[d] > 1 && x.strides[d] != y.strides[d]) return false;
  }
  return true;
}

memory::memory(const desc& layout, const engine&, void* data)
    : shared_(std::make_shared<dnnl_memory>(dnnl_memory{layout, data})) {}

memory::memory(const desc& layout, const engine& of) : memory(layout, of, nullptr) {
  shared_->own = std::make_unique<float[]>(layout.get_size() / sizeof(float));
  shared_->data = shared_->own.get();
}

const memory::desc& memory::get_desc() const { return shared_->layout; }
void* memory::get_data_handle() const { return shared_->data; }
void memory::set_data_handle(void* data) const { shared_->data = data; }

}  // namespace dnnl
