/// The layouts of maps that our own kernels go over, as oneDNN describes them.
#pragma once

#include <optional>

#include "kernels/plan/channels_last_cpu.h"
#include "kernels/plan/forward_plan_cpu.h"

namespace hdecomp::cpu {

/// Of one image of a batch.
inline dnnl::memory::desc described(const Shape& batch, dnnl::memory::format_tag layout) {
  return {one_of(batch).dims(), dnnl::memory::data_type::f32, layout};
}

/// Plain where several fit; none for a layout that is none of them.
inline std::optional<dnnl::memory::format_tag> layout_of(const dnnl::memory::desc& layout,
                                                         const Shape& batch) {
  using Tag = dnnl::memory::format_tag;
  for (const Tag tag : {Tag::nchw, Tag::nhwc, Tag::nChw8c, Tag::nChw16c}) {
    if (layout == described(batch, tag)) return tag;
  }
  return {};
}

/// How many channels lie side by side in each cell.
inline int64_t channel_block(dnnl::memory::format_tag layout, const Shape& batch) {
  using Tag = dnnl::memory::format_tag;
  if (layout == Tag::nhwc) return batch[1];
  return layout == Tag::nChw16c ? 16 : layout == Tag::nChw8c ? 8 : 1;
}

/// None for a layout that has no whole vectors of neighbouring channels, or fills up its last
/// block.
inline std::optional<SideBySide> side_by_side_cells(const dnnl::memory::desc& layout,
                                                    const Shape& batch) {
  using Tag = dnnl::memory::format_tag;
  const std::optional<Tag> known = layout_of(layout, batch);
  if (known != Tag::nhwc && known != Tag::nChw16c) return {};
  const SideBySide maps{batch[1], batch[2] * batch[3], channel_block(*known, batch)};
  if (maps.channels % maps.block != 0) return {};
  return maps;
}

}  // namespace hdecomp::cpu
