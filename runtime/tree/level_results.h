/// The results of a level of decompositions, all in one piece of memory, which one copy brings to
/// the host.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "hdecomp/tree.h"
#include "kernels/core/mark.h"
#include "kernels/gap/gap_reduce.h"
#include "runtime/network/window_executor.h"

namespace hdecomp {

/// Which step to take: from the layer of the decisions to a lower one, choosing at most `top`
/// channels each.
struct GapQuestion {
  int from = 0, to = 0;
  int top = 3;
  bool keep_maps = false;
  std::vector<int32_t> channels = {};  // if any: `top` of them, chosen in place of the largest
  Baseline baseline = Baseline::zero;
  std::shared_ptr<const Tensor> means = {};  // (C) on the device: what data_set counts from
  double cover =
      0;  // above 0: of the `top` largest as many as reach this share of the positive sum
};

/// The extents of a level.
struct LevelShape {
  int64_t decisions, channels, choices;  // D, C, N

  /// Of the arrays but the maps.
  int64_t bytes() const;
};
/// N is the question's, or C where that is less.
LevelShape level_shape(const Graph& graph, const GapQuestion& question, int64_t decisions);

/// D decisions into C channels of which N are chosen.
struct GapLevel {
  GapResult reduced;   // (D, C)
  IndexTensor chosen;  // (D, N), -1 where there are fewer
  Tensor values;       // (D, N): F at the chosen channels' peaks
  PlaceTensor next;    // (D * N): those features as the next level's decisions
  Tensor maps;         // (D, N, H, W): their activation maps; empty if not kept

  TensorOf<std::byte> memory;  // of all arrays but the maps; empty where it is someone else's
};

/// A level without maps in memory on `device` that holds shape.bytes() and must outlive it.
GapLevel lay_out(const LevelShape& shape, Device device, std::byte* memory);

/// Memory for a level's maps, from the windows' pool, where the question keeps them.
void take_maps(const WindowExecutor& windows, const GapQuestion& question, const LevelShape& shape,
               GapLevel& level);

/// Memory for a level of D decisions, from the windows' pool.
GapLevel take_level(const WindowExecutor& windows, const GapQuestion& question, int64_t decisions);

/// A level in the host's memory, which `owner` keeps.
struct HostLevel {
  GapLevel level;
  std::shared_ptr<const void> owner;
};

/// A level that owns its memory as the host sees it, complete: on the CPU itself. Waits for the
/// device.
HostLevel to_host(const WindowExecutor& windows, GapLevel level);

/// Levels on their way to the host, complete once `done` is reached. Whoever drops them waits for
/// the copy, whose memory is the next one's.
struct CopiedLevels {
  std::vector<HostLevel> levels;
  std::shared_ptr<const Mark> done;

  CopiedLevels() = default;
  CopiedLevels(CopiedLevels&&) = default;
  CopiedLevels& operator=(CopiedLevels&&) = default;
  ~CopiedLevels() { wait_quietly(done.get()); }
};

/// Levels that lie one behind the other in `memory` on the device, with maps, where they have them.
/// `memory` must not be written before `done`; ops that do not may go on.
CopiedLevels copy_to_host(const WindowExecutor& windows, const std::vector<GapLevel>& levels,
                          const std::vector<LevelShape>& shapes, const TensorOf<std::byte>& memory);

}  // namespace hdecomp
