/// Rounding float32 to bf16 or fp16 and back, and the kept 16-bit copies of weights.
#include "kernels/product/half_cuda.h"

#include <cstring>

#include "kernels/core/context_cuda.h"
#include "kernels/core/divider.cuh"
#include "kernels/core/full_grid.cuh"
#include "kernels/core/lanes.cuh"
#include "kernels/core/quads_device.cuh"

namespace hdecomp::cuda {
namespace {

__device__ uint32_t bits_of(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}
__device__ float float_of(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/// Drops the lowest `count` bits, to the nearest, ties to even.
__device__ uint32_t without_low_bits(uint32_t bits, int count) {
  const uint32_t even = bits >> count & 1;
  return (bits + (uint32_t{1} << (count - 1)) - 1 + even) >> count;
}

/// The upper half of a float.
struct Bf16 {
  static __device__ uint16_t round(float value) {
    const uint32_t bits = bits_of(value);
    if ((bits & 0x7fffffff) > 0x7f800000) return static_cast<uint16_t>(bits >> 16 | 0x40);  // NaN
    return static_cast<uint16_t>(without_low_bits(bits, 16));
  }
  static __device__ float value(uint16_t bits) { return float_of(uint32_t{bits} << 16); }
};

/// 5 bits of exponent, 10 of mantissa.
struct Fp16 {
  static constexpr uint32_t infinity = 0x7c00;
  static constexpr uint32_t float_bias = 127 - 15;  // the exponents' biases

  static __device__ uint16_t round(float value) {
    const uint32_t sign = bits_of(value) >> 16 & 0x8000, magnitude = bits_of(value) & 0x7fffffff;
    return static_cast<uint16_t>(sign | rounded(magnitude));
  }
  static __device__ float value(uint16_t bits) {
    const uint32_t sign = uint32_t{bits} << 16 & 0x80000000, magnitude = bits & 0x7fff;
    if (magnitude < 0x0400) {  // zero or subnormal: so many times 2^-24
      return float_of(sign | bits_of(static_cast<float>(magnitude) * 0x1p-24f));
    }
    const uint32_t exponent = magnitude < infinity ? float_bias << 23 : 0x70000000;
    return float_of(sign | ((magnitude << 13) + exponent));
  }

 private:
  static __device__ uint32_t rounded(uint32_t magnitude) {
    if (magnitude > 0x7f800000) return infinity | 0x200;  // NaN
    if (magnitude >= 0x47800000) return infinity;         // from 2^16 on
    if (magnitude < 0x38800000) {                         // below 2^-14: subnormal
      const float aligned = float_of(magnitude) + 0.5f;   // whose lowest bit is 2^-24
      return bits_of(aligned) - bits_of(0.5f);
    }
    return without_low_bits(magnitude - (float_bias << 23), 13);
  }
};

/// Four numbers of 16 bits, one load.
struct alignas(8) NarrowQuad {
  uint16_t x, y, z, w;
};

template <class Narrow>
__device__ uint16_t rounded(float value) {
  return Narrow::round(value);
}
template <class Narrow>
__device__ NarrowQuad rounded(const float4& value) {
  return {Narrow::round(value.x), Narrow::round(value.y), Narrow::round(value.z),
          Narrow::round(value.w)};
}

/// `to` (rows, columns), rows `to_stride` apart, from `from`, rows `from_stride` apart: counted in
/// T, a float or four.
template <class Narrow, class T, class To>
__global__ void __launch_bounds__(block_threads)
    narrow_rows(const T* from, int64_t from_stride, int64_t rows, int64_t columns, To* to,
                int64_t to_stride) {
  const int64_t first = int64_t{blockIdx.x} * block_threads + threadIdx.x;
  const int64_t step = int64_t{gridDim.x} * block_threads;
  for (int64_t row = blockIdx.y; row < rows; row += gridDim.y) {
    for (int64_t column = first; column < columns; column += step) {
      to[row * to_stride + column] = rounded<Narrow>(from[row * from_stride + column]);
    }
  }
}

template <class Narrow>
__device__ float widened(uint16_t bits, float bias, Activation activation) {
  return activated(activation, Narrow::value(bits) + bias);
}
template <class Narrow>
__device__ float4 widened(const NarrowQuad& bits, float bias, Activation activation) {
  return {widened<Narrow>(bits.x, bias, activation), widened<Narrow>(bits.y, bias, activation),
          widened<Narrow>(bits.z, bias, activation), widened<Narrow>(bits.w, bias, activation)};
}

/// `to` (n, channels, plane) = from + bias(channel) and activation; `bias` may be null.
/// Counted in T, a number or four.
template <class Narrow, class T, class To>
__global__ void __launch_bounds__(block_threads)
    widen_elements(const T* from, uint32_t count, const ChannelOf channel_of, const float* bias,
                   Activation activation, To* to) {
  const uint32_t i = blockIdx.x * block_threads + threadIdx.x;
  if (i >= count) return;
  // Without a bias -0, which changes no number, not even -0 itself.
  to[i] = widened<Narrow>(from[i], bias == nullptr ? -0.0f : bias[channel_of(i)], activation);
}

/// The kernel of the context's type.
template <class Of>
auto in_type(const Context& context, Of of) {
  return context.precision() == Precision::bf16 ? of(Bf16{}) : of(Fp16{});
}

template <class T, class To>
void launch_narrow(const Context& context, const T* from, int64_t from_stride, int64_t rows,
                   int64_t columns, To* to, int64_t to_stride) {
  const auto kernel =
      in_type(context, [](auto type) { return narrow_rows<decltype(type), T, To>; });
  const dim3 blocks(blocks_for(columns, block_threads), blocks_for(rows, 1));
  launch(context.cuda().stream(), "narrow", kernel, Grid{blocks, block_threads, 0}, from,
         from_stride, rows, columns, to, to_stride);
}

template <class T, class To>
void launch_widen(const Context& context, const T* from, uint32_t count, const ChannelOf& channels,
                  const float* bias, Activation activation, To* to) {
  const auto kernel =
      in_type(context, [](auto type) { return widen_elements<decltype(type), T, To>; });
  launch(context.cuda().stream(), "widen", kernel, full_grid(count, block_threads), from, count,
         channels, bias, activation, to);
}

}  // namespace

std::shared_ptr<const NarrowCopy> keep_narrow(const Context& context, const Tensor& weight) {
  if (!is_narrow(context.precision())) return nullptr;
  auto& copies = context.cuda().narrow_copies;
  if (auto kept = copies.of(weight)) return kept;
  if (context.cuda().recording) throw Error("recording: a weight has no 16-bit copy yet");
  const int64_t elements = weight.elements();
  const auto copy = std::make_shared<NarrowCopy>();
  copy->elements = elements;
  copy->memory = hdecomp::allocate(context.device(), elements * 2);
  narrow(context, weight.data(), elements, 1, elements, static_cast<uint16_t*>(copy->memory.get()),
         elements);
  copies.put(weight, copy);
  return copy;
}

const uint16_t* find_narrow(const Context& context, const float* data, int64_t elements) {
  const auto [copy, first] = context.cuda().narrow_copies.find(data, elements);
  return copy ? static_cast<const uint16_t*>(copy->memory.get()) + first : nullptr;
}

void narrow(const Context& context, const float* from, int64_t from_stride, int64_t rows,
            int64_t columns, uint16_t* to, int64_t to_stride) {
  const bool quads = is_aligned(from) && is_aligned(to) && columns % 4 == 0 &&
                     (rows == 1 || (from_stride % 4 == 0 && to_stride % 4 == 0));
  if (!quads) return launch_narrow(context, from, from_stride, rows, columns, to, to_stride);
  launch_narrow(context, reinterpret_cast<const float4*>(from), from_stride / 4, rows, columns / 4,
                reinterpret_cast<NarrowQuad*>(to), to_stride / 4);
}

void widen(const Context& context, const uint16_t* from, const Layout& layout, const float* bias,
           Activation activation, float* to) {
  if (!is_aligned(from) || !layout.in_quads(to)) {
    return launch_widen(context, from, layout.elements, ChannelOf(layout.channels, layout.plane),
                        bias, activation, to);
  }
  launch_widen(context, reinterpret_cast<const NarrowQuad*>(from), layout.elements / 4,
               ChannelOf(layout.channels, layout.plane / 4), bias, activation,
               reinterpret_cast<float4*>(to));
}

}  // namespace hdecomp::cuda
