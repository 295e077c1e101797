/// Shared memory of CUDA blocks, in a form that the tests' emulator can check. For .cu files alone.
///
/// Both kinds begin on 16 bytes and hold nothing at a block's start. Take an element's address only
/// for an atomic, and read elements into variables with a type, not `auto`.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <type_traits>

namespace hdecomp {

/// An array in a block's static shared memory:
///   __shared__ SharedArray<float, 256> sums;
template <class T, int N>
struct SharedArray {
  __device__ T& operator[](int index) { return values[index]; }
  __device__ const T& operator[](int index) const { return values[index]; }
  __host__ __device__ static constexpr int size() { return N; }

  /// Elements [index, index + 4) of floats in one 16-byte access; `index` is a multiple of 4.
  __device__ float4 load4(int index) const {
    static_assert(std::is_same_v<T, float>);
    return *reinterpret_cast<const float4*>(values + index);
  }
  __device__ void store4(int index, const float4& value) {
    static_assert(std::is_same_v<T, float>);
    *reinterpret_cast<float4*>(values + index) = value;
  }

  alignas(16) T values[N];
};

/// Elements of dynamic shared memory; like a pointer, it knows no end.
template <class T>
struct SharedSpan {
  __device__ T& operator[](int index) const { return values[index]; }
  /// The span that begins `elements` later.
  __device__ SharedSpan operator+(int elements) const { return {values + elements}; }

  T* values;
};

/// The block's dynamic shared memory (Grid::shared_bytes of it) from `byte_offset` on, which must
/// be a multiple of T's alignment. A span of float4 reads and writes 16 bytes at once.
template <class T>
__device__ SharedSpan<T> dynamic_shared(size_t byte_offset = 0) {
  extern __shared__ __align__(16) unsigned char dynamic_shared_bytes[];
  return {reinterpret_cast<T*>(dynamic_shared_bytes + byte_offset)};
}

}  // namespace hdecomp
