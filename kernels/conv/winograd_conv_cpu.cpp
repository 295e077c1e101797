/// Winograd's steps for a whole map: tiles spread, multiplied position by position, gathered. Large
/// maps are cut into strips of tiles, each of which goes through all three in the second cache;
/// small ones, whose weights are larger, are spread as a whole and cut by output channels.
#include "kernels/conv/winograd_conv_cpu.h"

#include <algorithm>
#include <array>

#include "kernels/conv/winograd_blocks_cpu.h"
#include "kernels/core/context_cpu.h"
#include "kernels/core/parallel.h"
#include "kernels/loops/pieces.h"
#include "kernels/loops/register_tile_cpu.h"

namespace hdecomp::cpu {
namespace {

using namespace winograd_tiles;
using winograd_weights::taps;

constexpr int64_t group = 2 * pair;                 // output channels whose sums are held at once
constexpr int64_t pair_weights = positions * pair;  // for each input channel

/// Output channels side by side, for each input channel and tap.
void gather_kernels(const WinogradConv::Weights& weights, int64_t out, int64_t in,
                    winograd_weights::Kernels& to) {
  const int64_t across = weights.of.shape()[1];
  for (int64_t i = 0; i < lanes; ++i) {
    for (int64_t o = 0; o < lanes; ++o) {
      const int64_t row = weights.back ? in + i : out + o, column = weights.back ? out + o : in + i;
      const float* own = weights.of.data() + (row * across + column) * taps;
      for (int64_t tap = 0; tap < taps; ++tap) {
        to[(i * taps + tap) * lanes + o] = own[weights.back ? taps - 1 - tap : tap];
      }
    }
  }
}

/// (pairs of output channels, positions, input channels, pair)
void fill(const Context& context, const ConvSpec& spec, const WinogradConv::Weights& weights,
          float* to) {
  const int64_t in_blocks = spec.in_channels / lanes;
  parallel_for(context, spec.out_channels / lanes * in_blocks, [&](int64_t task) {
    const int64_t out = task / in_blocks * lanes, in = task % in_blocks * lanes;
    alignas(64) winograd_weights::Kernels kernels;
    gather_kernels(weights, out, in, kernels);
    winograd_weights::transform_large(
        kernels, {pair, spec.in_channels * pair},
        to + out / pair * pair_weights * spec.in_channels + in * pair + out % pair);
  });
}

}  // namespace

struct WinogradConv::Tiles {
  int64_t first, count;
  int64_t in_a_strip;  // at most
  float* spread;       // (strips, positions, step_)

  static Tiles all(int64_t begin, int64_t end, float* to) {
    return {begin, end - begin, pieces(end - begin, pieces(end - begin, strip)), to};
  }
  int64_t strips() const { return pieces(count, in_a_strip); }
  int64_t in_strip(int64_t s) const { return std::min(in_a_strip, count - s * in_a_strip); }
  /// Some of the strips.
  Tiles part(int64_t begin, int64_t at_most, int64_t strip_floats) const {
    const int64_t before = begin * in_a_strip;
    return {first + before, std::min(at_most * in_a_strip, count - before), in_a_strip,
            spread + begin * strip_floats};
  }
};

bool WinogradConv::suits(const ConvSpec& spec) {
  constexpr int64_t least_area = 24 * 24;  // below, weights of smaller tiles are faster to read
  return register_tile::is_wide() && spec.kernel_h == 3 && spec.kernel_w == 3 &&
         spec.stride_h == 1 && spec.stride_w == 1 && spec.pad_h >= 0 && spec.pad_w >= 0 &&
         spec.pad_h < 3 && spec.pad_w < 3 && spec.is_plain() && spec.groups == 1 &&
         spec.in_channels % lanes == 0 && spec.in_channels * spec.out_channels >= 32 * 32 &&
         spec.out_channels % pair == 0 && spec.out_height() * spec.out_width() >= least_area;
}

WinogradConv::WinogradConv(const Context& context, const ConvSpec& spec, const Weights& weights,
                           WeightStore* store)
    : context_(context),
      spec_(spec),
      rows_of_tiles_(pieces(spec.out_height(), side)),
      tiles_in_a_row_(pieces(spec.out_width(), side)),
      step_(spec.in_channels * strip + lanes) {  // no power of two
  const auto fill_it = [&](float* to) { fill(context, spec, weights, to); };
  constexpr int64_t ours = -4;  // the first word of no key of oneDNN's layouts
  const WeightStore::Key key{weights.of.data(),
                             {ours, weights.back, spec.in_channels, spec.out_channels}};
  weights_ = WeightStore::get_from(store, key, weight_bytes(), fill_it);
  const bool share = shares_tiles();
  const int64_t tiles = share ? tiles_in_all() : strip;
  context.cpu().reserve_scratch(static_cast<int64_t>(sizeof(float)) *
                                (spread_floats(tiles) * (share ? 1 : context.threads()) +
                                 sum_floats(tiles) * context.threads()));
}

int64_t WinogradConv::weight_bytes() const {
  return spec_.in_channels * spec_.out_channels * positions * static_cast<int64_t>(sizeof(float));
}

Corner WinogradConv::corner(int64_t tile) const {
  return {tile / tiles_in_a_row_ * side, tile % tiles_in_a_row_ * side};
}

int64_t WinogradConv::spread_floats(int64_t tiles) const {
  return pieces(tiles, strip) * positions * step_;
}

int64_t WinogradConv::sum_floats(int64_t tiles) const { return tiles * (group / pair) * sums; }

/// Whether the map is too small to be cut by tiles. Either way gives the same bits.
bool WinogradConv::shares_tiles() const {
  const int64_t strips = pieces(tiles_in_all(), strip);
  return strips < 8 || strips < 4 * context_.threads();
}

float* WinogradConv::scratch() const { return reinterpret_cast<float*>(context_.cpu().scratch()); }

void WinogradConv::run(const Maps& maps) const {
  shares_tiles() ? run_by_channels(maps) : run_by_tiles(maps);
}

void WinogradConv::run_by_tiles(const Maps& maps) const {
  const int64_t all = tiles_in_all(), own_floats = spread_floats(strip) + sum_floats(strip);
  parallel_for(context_, pieces(all, strip), [&](int64_t task) {
    float* const own = scratch() + omp_get_thread_num() * own_floats;
    const Tiles tiles = Tiles::all(task * strip, std::min((task + 1) * strip, all), own);
    for (int64_t c = 0; c < spec_.in_channels; c += lanes) spread(maps, tiles, c / lanes);
    for (int64_t c = 0; c < spec_.out_channels; c += group) {
      finish(maps, tiles, c, own + spread_floats(strip));
    }
  });
}

void WinogradConv::run_by_channels(const Maps& maps) const {
  const int64_t all = tiles_in_all();
  const Tiles tiles = Tiles::all(0, all, scratch());
  parallel_runs(context_, spec_.in_channels / lanes,
                [&](int64_t block) { spread(maps, tiles, block); });
  float* const free = scratch() + spread_floats(all);
  // Few groups are cut by strips, too, so that all threads have some.
  const int64_t groups = pieces(spec_.out_channels, group), strips = tiles.strips();
  const int64_t in_a_part =
      pieces(strips, std::min(strips, pieces(4 * context_.threads(), groups)));
  const int64_t parts = pieces(strips, in_a_part);
  parallel_for(context_, groups * parts, [&](int64_t task) {
    const Tiles part = tiles.part(task % parts * in_a_part, in_a_part, positions * step_);
    finish(maps, part, task / parts * group, free + omp_get_thread_num() * sum_floats(all));
  });
}

void WinogradConv::spread(const Maps& maps, const Tiles& tiles, int64_t block) const {
  const Extent extent{spec_.height, spec_.width};
  const float* map = maps.from + block * lanes * extent.height * extent.width;
  for (int64_t s = 0; s < tiles.strips(); ++s) {
    float* const to = tiles.spread + s * positions * step_ + block * strip * lanes;
    for (int64_t t = 0; t < tiles.in_strip(s); ++t) {
      const Corner out = corner(tiles.first + s * tiles.in_a_strip + t);
      winograd_tiles::spread(map, extent, {out.y - spec_.pad_h, out.x - spec_.pad_w},
                             to + t * lanes, step_);
    }
  }
}

/// `to`: (tiles, pairs, positions, pair)
void WinogradConv::multiply(const Tiles& tiles, int64_t first_pair, int64_t pairs,
                            float* to) const {
  const int64_t blocks = spec_.in_channels / lanes, tile_step = pairs * sums;
  const int64_t lines = spec_.in_channels * pair / lanes, strips = tiles.strips();
  const int64_t lines_of_strip = pieces(lines, strips * blocks) * blocks;
  for (int64_t position = 0; position < positions; ++position) {
    for (int64_t k = 0; k < pairs; ++k) {
      const float* const weights =
          weights_.get() + ((first_pair + k) * positions + position) * spec_.in_channels * pair;
      const bool last = position + 1 == positions && k + 1 == pairs;
      const int64_t next = k + 1 < pairs ? positions : 1 - (pairs - 1) * positions;
      const float* const ahead = last ? weights : weights + next * spec_.in_channels * pair;
      for (int64_t s = 0; s < strips; ++s) {
        const int64_t begin = std::min(s * lines_of_strip, lines);
        const int64_t count = std::min(lines_of_strip, lines - begin) / blocks;
        winograd_tiles::multiply(
            tiles.in_strip(s), {tiles.spread + (s * positions + position) * step_, weights, blocks,
                                to + s * tiles.in_a_strip * tile_step + k * sums + position * pair,
                                tile_step, ahead + begin * lanes, last ? 0 : count});
      }
    }
  }
}

void WinogradConv::finish(const Maps& maps, const Tiles& tiles, int64_t first_channel,
                          float* to) const {
  const Extent extent{spec_.out_height(), spec_.out_width()};
  const int64_t channels = std::min(group, spec_.out_channels - first_channel);
  multiply(tiles, first_channel / pair, channels / pair, to);
  for (int64_t t = 0; t < tiles.count; ++t) {
    const Corner at = corner(tiles.first + t);
    for (int64_t c = 0; c < channels; c += lanes) {
      const int64_t map = (first_channel + c) * extent.height * extent.width;
      End end{maps.bias, spec_.activation, maps.passed};
      if (end.bias != nullptr) end.bias += first_channel + c;
      if (end.passed.feature != nullptr) end.passed.feature += map;
      const float* const from = to + (t * (channels / pair) + c / pair) * sums + c % pair;
      gather(from, end, maps.to + map, extent, at);
    }
  }
}

}  // namespace hdecomp::cpu
