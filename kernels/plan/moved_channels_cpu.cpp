/// Moved channels copied cell by cell, and which of the forward plan's steps are nothing else.
#include "kernels/plan/moved_channels_cpu.h"

#include <algorithm>

#include "kernels/cell/cell_norm_cpu.h"
#include "kernels/core/parallel.h"
#include "kernels/loops/channel_copies_cpu.h"
#include "kernels/plan/map_layouts_cpu.h"

namespace hdecomp::cpu {
namespace {

/// How many from `begin` on are each `step` places behind the one before, next to it in its map.
int64_t neighbours(const MovedChannels& channels, int64_t begin, int64_t step) {
  const MovedChannel& first = channels[begin];
  int64_t count = 1;
  for (int64_t i = begin + step; i < std::ssize(channels); i += step, ++count) {
    if (channels[i] != MovedChannel{first.step, first.channel + count}) break;
  }
  return count;
}

}  // namespace

ChannelCopies::ChannelCopies(const MovedChannels& channels) : channels_(std::ssize(channels)) {
  for (int64_t begin = 0; begin < channels_;) {
    runs_.push_back(run_at(channels, begin));
    begin += runs_.back().count * (runs_.back().in_turn ? 2 : 1);
  }
}

size_t ChannelCopies::place_of(int step) {
  const auto known = std::ranges::find(steps_, step);
  if (known == steps_.end()) return steps_.push_back(step), steps_.size() - 1;
  return known - steps_.begin();
}

ChannelCopies::Run ChannelCopies::run_at(const MovedChannels& channels, int64_t begin) {
  const int64_t together = neighbours(channels, begin, 1);
  const int64_t in_turn = begin + 1 == channels_ ? 0
                                                 : std::min(neighbours(channels, begin, 2),
                                                            neighbours(channels, begin + 1, 2));
  const MovedChannel& first = channels[begin];
  const size_t source = place_of(first.step);
  if (2 * in_turn <= together) return {source, source, first.channel, 0, together, false};
  const MovedChannel& other = channels[begin + 1];
  return {source, place_of(other.step), first.channel, other.channel, in_turn, true};
}

void ChannelCopies::run(const Context& context, int64_t cells, std::span<const Source> sources,
                        float* to) const {
  parallel_runs(context, cells, [&](int64_t cell) {
    float* out = to + cell * channels_;
    for (const Run& run : runs_) {
      const Source &one = sources[run.source], &other = sources[run.other];
      const float* from = one.data + cell * one.channels + run.first;
      if (run.in_turn) {
        interleave_channels(from, other.data + cell * other.channels + run.other_first, run.count,
                            out);
        out += 2 * run.count;
      } else {
        copy_channels(from, run.count, out);
        out += run.count;
      }
    }
  });
}

std::optional<MovedChannels> ForwardPlanCpu::channels_last(std::span<const int> from) const {
  MovedChannels channels;
  for (const int step : from) {
    const Output& map = outputs_.at(step);
    if (const auto left = left_channels_.find(step); left != left_channels_.end()) {
      channels.insert(channels.end(), left->second.begin(), left->second.end());
      continue;
    }
    const bool one_cell = map.shape[2] * map.shape[3] == 1;
    if (one_cell || layout(step) != described(map.shape, memory::format_tag::nhwc)) return {};
    for (int64_t c = 0; c < map.shape[1]; ++c) channels.push_back({step, c});
  }
  return channels;
}

std::optional<MovedChannels> ForwardPlanCpu::moved(int from, const Shape& shape,
                                                   const CellOp& op) const {
  if (!leaves_channels() && !left_channels_.contains(from)) return {};
  const auto given = channels_last({&from, 1});
  if (!given) return {};
  MovedChannels moved;
  for (const int64_t c : moved_channels(op, std::ssize(*given), shape[1])) {
    moved.push_back(given->at(c));
  }
  return moved;
}

int ForwardPlanCpu::move_channels(MovedChannels channels, const Shape& shape) {
  chain_.reset();
  if (leaves_channels()) {
    left_channels_[next_step()] = std::move(channels);
    return add_output(shape, {});
  }
  const std::vector<memory> out = take_output(described(shape, memory::format_tag::nhwc));
  const ChannelCopies copies(channels);
  std::vector<std::vector<ChannelCopies::Source>> sources(batch_);  // by image
  for (const int step : copies.steps()) {
    const Output& from = outputs_.at(step);
    for (int64_t i = 0; i < batch_; ++i) {
      sources[i].push_back(
          {static_cast<const float*>(from.images[i].get_data_handle()), from.shape[1]});
    }
  }
  const auto run = [this, copies, sources, out, cells = shape[2] * shape[3]](int64_t begin,
                                                                             int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      copies.run(context_, cells, sources[i], static_cast<float*>(out[i].get_data_handle()));
    }
  };
  steps_.push_back({next_step(), run, true});
  return add_output(shape, out);
}

}  // namespace hdecomp::cpu
