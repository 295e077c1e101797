/// A 3 x 3 convolution of stride 1 by Winograd's F(4x4, 3x3) in our own loops, of one image at a
/// time: between maps in blocks of sixteen channels, on processors with AVX-512.
#pragma once

#include <memory>

#include "kernels/conv/conv.h"
#include "kernels/conv/weight_store.h"
#include "kernels/conv/winograd_tiles_cpu.h"

namespace hdecomp::cpu {

class WinogradConv {
 public:
  /// Whether it is the fastest way, on this processor, for maps that lie so.
  static bool suits(const ConvSpec& spec);

  /// Where the weights of a convolution come from: its own, or those of another one whose way back
  /// it is, turned, with the channels exchanged.
  struct Weights {
    const Tensor& of;
    bool back = false;
  };

  /// The context must outlive it; the weight, too, where there is a store, which shares what is
  /// made of it.
  WinogradConv(const Context& context, const ConvSpec& spec, const Weights& weights,
               WeightStore* store);

  /// All of `to`; an image has the same bits on any number of threads. `bias`: a float for each
  /// channel, or null.
  struct Maps {
    const float* from;
    float* to;
    const float* bias = nullptr;
    winograd_tiles::Passed passed = {};
  };
  void run(const Maps& maps) const;

  int64_t weight_bytes() const;

 private:
  struct Tiles;  // some of them, next to each other in the map's order

  int64_t tiles_in_all() const { return rows_of_tiles_ * tiles_in_a_row_; }
  winograd_tiles::Corner corner(int64_t tile) const;
  int64_t spread_floats(int64_t tiles) const;
  int64_t sum_floats(int64_t tiles) const;
  bool shares_tiles() const;
  float* scratch() const;
  void run_by_tiles(const Maps& maps) const;
  void run_by_channels(const Maps& maps) const;
  void spread(const Maps& maps, const Tiles& tiles, int64_t block) const;
  void finish(const Maps& maps, const Tiles& tiles, int64_t first_channel, float* sums) const;
  void multiply(const Tiles& tiles, int64_t first_pair, int64_t pairs, float* sums) const;

  const Context& context_;
  ConvSpec spec_;
  int64_t rows_of_tiles_, tiles_in_a_row_;
  int64_t step_;  // floats between two positions of a strip's spread tiles
  std::shared_ptr<const float> weights_;
};

}  // namespace hdecomp::cpu
