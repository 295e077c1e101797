/// Transforms the inputs once; then, for some output channels at a time, their kernels, the 25
/// products by oneDNN's sgemm and their outputs, which stay in the cache.
#include "kernels/conv_tiles_cpu.h"

#include <algorithm>

#include "kernels/active_channels_cpu.h"
#include "kernels/core/parallel.h"
#include "kernels/sgemm_cpu.h"
#include "kernels/winograd_cpu.h"

namespace hdecomp::cpu {
namespace {

using namespace winograd;

// Output channels at a time, and the columns of a task's product: whatever the thread count.
constexpr int64_t block_channels = 128, task_columns = 256;

/// The grid of tiles over a batch of maps.
struct Tiles {
  int64_t down, across, count;  // of a map; of all

  explicit Tiles(const ConvSpec& spec)
      : down((spec.out_height() + tile_out - 1) / tile_out),
        across((spec.out_width() + tile_out - 1) / tile_out),
        count(spec.batch * down * across) {}

  struct Place {
    int64_t image, y, x;  // of the tile's first output
  };
  Place place(int64_t tile) const {
    const int64_t in_map = tile % (down * across);
    return {tile / (down * across), in_map / across * tile_out, in_map % across * tile_out};
  }
};

/// A lane of `cells` (size x size): the square at (y, x) of a map, zero outside.
void load_square(const float* map, int64_t height, int64_t width, int64_t y, int64_t x, int size,
                 int64_t lane, Lanes* cells) {
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j < size; ++j) {
      const bool inside = y + i >= 0 && y + i < height && x + j >= 0 && x + j < width;
      cells[i * size + j][lane] = inside ? map[(y + i) * width + x + j] : 0.0f;
    }
  }
}

}  // namespace

/// What a run works on, in the context's scratch memory.
struct ConvTiles::Parts {
  std::vector<int64_t> active;  // input channels
  Tiles tiles;
  int64_t depth, columns;  // of the products, in whole lanes
  float* inputs;           // (points, depth, columns)
  float* kernels;          // (points, block_channels, depth)
  float* products;         // (points, block_channels, columns)

  static int64_t floats(int64_t depth, int64_t columns) {
    return points * (depth * columns + block_channels * (depth + columns));
  }
  Parts(std::vector<int64_t> channels, const Tiles& grid, Context::Cpu& memory)
      : active(std::move(channels)),
        tiles(grid),
        depth(in_lanes(std::ssize(active))),
        columns(in_lanes(tiles.count)) {
    memory.reserve_scratch(floats(depth, columns) * static_cast<int64_t>(sizeof(float)));
    inputs = reinterpret_cast<float*>(memory.scratch());
    kernels = inputs + points * depth * columns;
    products = kernels + points * block_channels * depth;
  }
};

bool ConvTiles::suits(const ConvSpec& spec) {
  constexpr int64_t few_cells = 81, enough_tiles = 64, most_tiles = 1 << 13;
  const Tiles tiles(spec);
  const int64_t cells = spec.out_height() * spec.out_width();
  return spec.groups == 1 && spec.kernel_h == kernel && spec.kernel_w == kernel &&
         spec.stride_h == 1 && spec.stride_w == 1 && cells <= few_cells &&
         3 * cells >= 2 * tiles.down * tiles.across * tile_out * tile_out &&  // few wasted
         tiles.count >= enough_tiles && tiles.count <= most_tiles && spec.in_channels >= 64;
}

ConvTiles::ConvTiles(const Context& context, const ConvSpec& spec, const Tensor& weight,
                     const Tensor& bias)
    : context_(context), spec_(spec), weight_(weight), bias_(bias) {}

void ConvTiles::run(const Tensor& x, Tensor& y) {
  const Parts parts(
      active_channels(context_, x, spec_.batch, spec_.in_channels, spec_.height * spec_.width),
      Tiles(spec_), context_.cpu());
  transform_inputs(x, parts);
  for (int64_t first = 0; first < spec_.out_channels; first += block_channels) {
    const int64_t count = std::min(block_channels, spec_.out_channels - first);
    transform_kernels(parts, first, count);
    multiply(parts, count);
    transform_outputs(parts, first, count, y);
  }
}

void ConvTiles::transform_inputs(const Tensor& x, const Parts& p) const {
  parallel_for(context_, p.depth, [&](int64_t row) {
    float* to = p.inputs + row * p.columns;
    for (int64_t column = 0; column < p.columns; column += lanes) {
      Lanes d[points] = {};
      for (int64_t lane = 0; lane < lanes; ++lane) {
        if (row >= std::ssize(p.active) || column + lane >= p.tiles.count) break;
        const Tiles::Place at = p.tiles.place(column + lane);
        const float* map = x.data() + (at.image * spec_.in_channels + p.active[row]) *
                                          (spec_.height * spec_.width);
        load_square(map, spec_.height, spec_.width, at.y - spec_.pad_h, at.x - spec_.pad_w, tile_in,
                    lane, d);
      }
      winograd::transform_inputs(d);
      for (int point = 0; point < points; ++point) {
        store_lanes(d[point], to + point * p.depth * p.columns + column);
      }
    }
  });
}

void ConvTiles::transform_kernels(const Parts& p, int64_t first, int64_t count) const {
  parallel_for(context_, count, [&](int64_t output) {
    const float* rows = weight_.data() + (first + output) * spec_.in_channels * taps;
    for (int64_t depth = 0; depth < p.depth; depth += lanes) {
      Lanes g[taps] = {}, u[points];
      for (int64_t lane = 0; lane < lanes && depth + lane < std::ssize(p.active); ++lane) {
        load_square(rows + p.active[depth + lane] * taps, kernel, kernel, 0, 0, kernel, lane, g);
      }
      winograd::transform_kernels(g, u);
      for (int point = 0; point < points; ++point) {
        store_lanes(u[point], p.kernels + (point * block_channels + output) * p.depth + depth);
      }
    }
  });
}

void ConvTiles::multiply(const Parts& p, int64_t count) const {
  const int64_t chunks = (p.columns + task_columns - 1) / task_columns;
  for_each_sgemm(context_, "convolution", points * chunks, [&](int64_t task) {
    const int64_t point = task / chunks, column = task % chunks * task_columns;
    const int64_t columns = std::min(task_columns, p.columns - column);
    return dnnl_sgemm('N', 'N', count, columns, p.depth, 1,
                      p.kernels + point * block_channels * p.depth, p.depth,
                      p.inputs + point * p.depth * p.columns + column, p.columns, 0,
                      p.products + point * block_channels * p.columns + column, p.columns);
  });
}

void ConvTiles::transform_outputs(const Parts& p, int64_t first, int64_t count, Tensor& y) const {
  const int64_t height = spec_.out_height(), width = spec_.out_width();
  parallel_for(context_, count, [&](int64_t output) {
    const float bias = bias_.data()[first + output];
    for (int64_t column = 0; column < p.tiles.count; column += lanes) {
      Lanes m[points];
      for (int point = 0; point < points; ++point) {
        m[point] = load_lanes(p.products + (point * block_channels + output) * p.columns + column);
      }
      winograd::transform_outputs(m);
      for (int64_t lane = 0; lane < lanes && column + lane < p.tiles.count; ++lane) {
        const Tiles::Place at = p.tiles.place(column + lane);
        float* map = y.data() + (at.image * spec_.out_channels + first + output) * height * width;
        for (int64_t i = 0; i < std::min<int64_t>(tile_out, height - at.y); ++i) {
          for (int64_t j = 0; j < std::min<int64_t>(tile_out, width - at.x); ++j) {
            const float sum = m[i * tile_in + j][lane] + bias;
            map[(at.y + i) * width + at.x + j] = spec_.relu ? std::max(sum, 0.0f) : sum;
          }
        }
      }
    }
  });
}

}  // namespace hdecomp::cpu
