/// Transforms the inputs once; then, for some output channels at a time, their kernels, the 25
/// products and their outputs, which stay in the cache.
#include "kernels/conv/conv_tiles_cpu.h"

#include <algorithm>

#include "kernels/conv/active_channels_cpu.h"
#include "kernels/conv/winograd_cpu.h"
#include "kernels/core/parallel.h"
#include "kernels/loops/pieces.h"
#include "kernels/product/product_cpu.h"

namespace hdecomp::cpu {
namespace {

// Output channels at a time, and about the columns of a product, whatever the thread count.
constexpr int64_t block_channels = 128, most_columns = 288;

/// The grid of tiles over a batch of maps.
struct Tiles {
  int64_t down, across, count;  // of a map; of all

  explicit Tiles(const ConvSpec& spec)
      : down(pieces(spec.out_height(), winograd::tile_out)),
        across(pieces(spec.out_width(), winograd::tile_out)),
        count(spec.batch * down * across) {}

  struct Place {
    int64_t image, y, x;  // of the tile's first output
  };
  Place place(int64_t tile) const {
    const int64_t in_map = tile % (down * across);
    return {tile / (down * across), in_map / across * winograd::tile_out,
            in_map % across * winograd::tile_out};
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
  int64_t depth;                  // of the products, in whole lanes
  int64_t chunks, chunk_columns;  // columns go in chunks, the last ones beyond the tiles
  int64_t columns;                // of all chunks
  float* inputs;                  // (winograd::points, depth, columns)
  float* kernels;                 // (winograd::points, block_channels, depth)
  float* products;                // (winograd::points, block_channels, columns)

  static int64_t floats(int64_t depth, int64_t columns) {
    return winograd::points * (depth * columns + block_channels * (depth + columns));
  }
  Parts(std::vector<int64_t> channels, const Tiles& grid, Context::Cpu& memory)
      : active(std::move(channels)),
        tiles(grid),
        depth(in_whole(std::ssize(active), lanes)),
        chunks(pieces(tiles.count, most_columns)),
        chunk_columns(in_whole(pieces(tiles.count, chunks), lanes)),
        columns(chunks * chunk_columns) {
    memory.reserve_scratch(floats(depth, columns) * static_cast<int64_t>(sizeof(float)));
    inputs = reinterpret_cast<float*>(memory.scratch());
    kernels = inputs + winograd::points * depth * columns;
    products = kernels + winograd::points * block_channels * depth;
  }
};

bool ConvTiles::suits(const ConvSpec& spec) {
  constexpr int64_t few_cells = 81, enough_tiles = 64, most_tiles = 1 << 13;
  const Tiles tiles(spec);
  const int64_t cells = spec.out_height() * spec.out_width();
  const int64_t computed = tiles.down * tiles.across * winograd::tile_out * winograd::tile_out;
  const bool fits = spec.is_plain() && spec.groups == 1 && spec.kernel_h == winograd::kernel &&
                    spec.kernel_w == winograd::kernel && spec.stride_h == 1 && spec.stride_w == 1;
  return fits && cells <= few_cells && 3 * cells >= 2 * computed && tiles.count >= enough_tiles &&
         tiles.count <= most_tiles && spec.in_channels >= 64;
}

ConvTiles::ConvTiles(const Context& context, const ConvSpec& spec, const Tensor& weight,
                     const Tensor& bias)
    : context_(context), spec_(spec), weight_(weight), bias_(bias) {}

void ConvTiles::run(const Tensor& x, Tensor& y) {
  const Parts parts(active_channels(context_, spec_, x), Tiles(spec_), context_.cpu());
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
      Lanes d[winograd::points] = {};
      for (int64_t lane = 0; lane < lanes; ++lane) {
        if (row >= std::ssize(p.active) || column + lane >= p.tiles.count) break;
        const Tiles::Place at = p.tiles.place(column + lane);
        const float* map = x.data() + (at.image * spec_.in_channels + p.active[row]) *
                                          (spec_.height * spec_.width);
        load_square(map, spec_.height, spec_.width, at.y - spec_.pad_h, at.x - spec_.pad_w,
                    winograd::tile_in, lane, d);
      }
      winograd::transform_inputs(d);
      for (int point = 0; point < winograd::points; ++point) {
        store_lanes(d[point], to + point * p.depth * p.columns + column);
      }
    }
  });
}

void ConvTiles::transform_kernels(const Parts& p, int64_t first, int64_t count) const {
  parallel_for(context_, count, [&](int64_t output) {
    const float* rows = weight_.data() + (first + output) * spec_.in_channels * winograd::taps;
    for (int64_t depth = 0; depth < p.depth; depth += lanes) {
      Lanes g[winograd::taps] = {}, u[winograd::points];
      for (int64_t lane = 0; lane < lanes && depth + lane < std::ssize(p.active); ++lane) {
        load_square(rows + p.active[depth + lane] * winograd::taps, winograd::kernel,
                    winograd::kernel, 0, 0, winograd::kernel, lane, g);
      }
      winograd::transform_kernels(g, u);
      for (int point = 0; point < winograd::points; ++point) {
        store_lanes(u[point], p.kernels + (point * block_channels + output) * p.depth + depth);
      }
    }
  });
}

void ConvTiles::multiply(const Parts& p, int64_t count) const {
  for_each_product(context_, winograd::points * p.chunks, [&](int64_t task, float* packing) {
    const int64_t point = task / p.chunks, column = task % p.chunks * p.chunk_columns;
    cpu::multiply({count, p.chunk_columns, p.depth},
                  {p.kernels + point * block_channels * p.depth, p.depth},
                  {p.inputs + point * p.depth * p.columns + column, p.columns}, false,
                  p.products + point * block_channels * p.columns + column, p.columns, packing);
  });
}

void ConvTiles::transform_outputs(const Parts& p, int64_t first, int64_t count, Tensor& y) const {
  const int64_t height = spec_.out_height(), width = spec_.out_width();
  parallel_for(context_, count, [&](int64_t output) {
    const float bias = bias_.data()[first + output];
    for (int64_t column = 0; column < p.tiles.count; column += lanes) {
      Lanes m[winograd::points];
      for (int point = 0; point < winograd::points; ++point) {
        m[point] = load_lanes(p.products + (point * block_channels + output) * p.columns + column);
      }
      winograd::transform_outputs(m);
      for (int64_t lane = 0; lane < lanes && column + lane < p.tiles.count; ++lane) {
        const Tiles::Place at = p.tiles.place(column + lane);
        float* map = y.data() + (at.image * spec_.out_channels + first + output) * height * width;
        for (int64_t i = 0; i < std::min<int64_t>(winograd::tile_out, height - at.y); ++i) {
          for (int64_t j = 0; j < std::min<int64_t>(winograd::tile_out, width - at.x); ++j) {
            const float sum = m[i * winograd::tile_in + j][lane] + bias;
            map[(at.y + i) * width + at.x + j] = activated(spec_.activation, sum);
          }
        }
      }
    }
  });
}

}  // namespace hdecomp::cpu
