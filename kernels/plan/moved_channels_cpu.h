/// Channels that a pass moves to other places of a map and does not change: shuffled, sliced, side
/// by side with others. Several such steps in a row are one copy.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/core/context.h"

namespace hdecomp::cpu {

/// A channel of a step's output.
struct MovedChannel {
  int step;
  int64_t channel;
  bool operator==(const MovedChannel&) const = default;
};
using MovedChannels = std::vector<MovedChannel>;

/// Copies of maps whose channels lie last.
class ChannelCopies {
 public:
  explicit ChannelCopies(const MovedChannels& channels);

  /// The steps that are read, in the order of run()'s sources.
  const std::vector<int>& steps() const { return steps_; }

  /// A step's map, (cells, channels).
  struct Source {
    const float* data;
    int64_t channels;
  };
  /// All of `to`, (cells, channels).
  void run(const Context& context, int64_t cells, std::span<const Source> sources, float* to) const;

 private:
  /// Neighbours of one source, or of two in turn.
  struct Run {
    size_t source, other;  // of steps_
    int64_t first, other_first;
    int64_t count;  // of each
    bool in_turn;
  };
  size_t place_of(int step);
  Run run_at(const MovedChannels& channels, int64_t begin);

  std::vector<int> steps_;
  std::vector<Run> runs_;
  int64_t channels_;
};

}  // namespace hdecomp::cpu
