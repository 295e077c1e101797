/// The checked twin of kernels/core/cuda_shared.h, which it hides when the emulator's headers come
/// first: every access to shared memory is checked for its bounds and its order.
///
/// An element is not a reference but a stand-in that converts to T and takes assignments. Read it
/// into a variable of its type: `auto x = a[i]` does not keep a value, and `x` cannot be used.
#pragma once

#include <cstddef>
#include <memory>
#include <source_location>
#include <type_traits>
#include <utility>

#include "cuda_emulator/atomics.h"
#include "cuda_emulator/shared_region.h"
#include "vector_types.h"

namespace hdecomp {

/// An index and where in the source it was written.
struct SharedIndex {
  template <class Integer>
  requires std::is_integral_v<Integer>
  constexpr SharedIndex(Integer index, std::source_location at = std::source_location::current())
      : value(static_cast<long long>(index)), place(at) {}
  long long value;
  std::source_location place;
};

/// Where an element lies: the argument of an atomic.
template <class T>
struct SharedAddress {
  T* value;
  emulator::SharedRegion* region;
  size_t cell;
  size_t cells;
  std::source_location place;

  /// The element's memory, for one atomic step.
  T* atomic() const {
    region->check(emulator::Access::atomic, cell, cells, place);
    return value;
  }
};

template <class T>
class SharedElement {
 public:
  explicit SharedElement(const SharedAddress<T>& address) : at_(address) {}
  SharedElement(const SharedElement&) = delete;

  operator T() && { return read(); }
  T operator=(const T& value) && { return write(value); }
  T operator=(SharedElement&& other) && { return write(other.read()); }
  T operator+=(const T& value) && { return write(static_cast<T>(read() + value)); }
  T operator-=(const T& value) && { return write(static_cast<T>(read() - value)); }
  T operator*=(const T& value) && { return write(static_cast<T>(read() * value)); }
  T operator/=(const T& value) && { return write(static_cast<T>(read() / value)); }
  T operator|=(const T& value) && { return write(static_cast<T>(read() | value)); }
  T operator&=(const T& value) && { return write(static_cast<T>(read() & value)); }
  T operator^=(const T& value) && { return write(static_cast<T>(read() ^ value)); }
  T operator++() && { return write(static_cast<T>(read() + T(1))); }
  T operator--() && { return write(static_cast<T>(read() - T(1))); }
  T operator++(int) && {
    const T before = read();
    write(static_cast<T>(before + T(1)));
    return before;
  }
  T operator--(int) && {
    const T before = read();
    write(static_cast<T>(before - T(1)));
    return before;
  }
  SharedAddress<T> operator&() && { return at_; }

 private:
  T read() const {
    at_.region->check(emulator::Access::read, at_.cell, at_.cells, at_.place);
    return *at_.value;
  }
  T write(const T& value) const {
    at_.region->check(emulator::Access::write, at_.cell, at_.cells, at_.place);
    return *at_.value = value;
  }
  SharedAddress<T> at_;
};

template <class T, int N>
class SharedArray {
  static_assert(std::is_trivially_copyable_v<T> && N > 0);

 public:
  SharedElement<T> operator[](SharedIndex index) const {
    const size_t at = emulator::checked_index(index.value, N, index.place);
    return SharedElement<T>({values_.get() + at, region_.get(), at, 1, index.place});
  }
  static constexpr int size() { return N; }

  /// Elements [index, index + 4) in one 16-byte access; `index` is a multiple of 4.
  float4 load4(SharedIndex index) const requires std::is_same_v<T, float> {
    const float* from = four(emulator::Access::read, index);
    return {from[0], from[1], from[2], from[3]};
  }
  void store4(SharedIndex index, const float4& value) const requires std::is_same_v<T, float> {
    float* to = four(emulator::Access::write, index);
    to[0] = value.x;
    to[1] = value.y;
    to[2] = value.z;
    to[3] = value.w;
  }

 private:
  T* four(emulator::Access access, const SharedIndex& index) const {
    const size_t at = emulator::checked_index(index.value, N, index.place);
    emulator::checked_index(index.value + 3, N, index.place);
    emulator::check_alignment(at, index.place);
    region_->check(access, at, 4, index.place);
    return values_.get() + at;
  }

  std::unique_ptr<T[]> values_{new T[N]};
  std::unique_ptr<emulator::SharedRegion> region_ =
      std::make_unique<emulator::SharedRegion>(N, (sizeof(T) * N + 15) / 16 * 16);
};

/// Elements of dynamic shared memory. Like a pointer: copied freely, knows no end on a GPU.
template <class T>
class SharedSpan {
 public:
  explicit SharedSpan(const emulator::DynamicShared& memory) : memory_(memory) {}

  SharedElement<T> operator[](SharedIndex index) const {
    const size_t at =
        emulator::checked_index(first_ + index.value, memory_.bytes / sizeof(T), index.place);
    const size_t cells = sizeof(T) / memory_.cell_bytes;
    return SharedElement<T>({reinterpret_cast<T*>(memory_.memory) + at, memory_.region,
                             memory_.first_cell + at * cells, cells, index.place});
  }
  /// The span that begins `elements` later.
  SharedSpan operator+(long long elements) const {
    SharedSpan moved = *this;
    moved.first_ += elements;
    return moved;
  }

 private:
  emulator::DynamicShared memory_;
  long long first_ = 0;
};

/// The block's dynamic shared memory from `byte_offset` on, which is a multiple of T's alignment.
template <class T>
SharedSpan<T> dynamic_shared(size_t byte_offset = 0,
                             std::source_location place = std::source_location::current()) {
  static_assert(std::is_trivially_copyable_v<T> && 16 % alignof(T) == 0);
  return SharedSpan<T>(emulator::dynamic_shared_memory(alignof(T), byte_offset, place));
}

}  // namespace hdecomp

// Global like CUDA's own, so that neither hides the other.
template <emulator::AtomicInteger T>
T atomicAdd(const hdecomp::SharedAddress<T>& address, std::type_identity_t<T> value) {
  return ::atomicAdd(address.atomic(), value);
}
template <emulator::AtomicInteger T>
T atomicSub(const hdecomp::SharedAddress<T>& address, std::type_identity_t<T> value) {
  return ::atomicSub(address.atomic(), value);
}
template <emulator::AtomicInteger T>
T atomicMax(const hdecomp::SharedAddress<T>& address, std::type_identity_t<T> value) {
  return ::atomicMax(address.atomic(), value);
}
template <emulator::AtomicInteger T>
T atomicMin(const hdecomp::SharedAddress<T>& address, std::type_identity_t<T> value) {
  return ::atomicMin(address.atomic(), value);
}
template <emulator::AtomicInteger T>
T atomicExch(const hdecomp::SharedAddress<T>& address, std::type_identity_t<T> value) {
  return ::atomicExch(address.atomic(), value);
}
template <emulator::AtomicInteger T>
T atomicCAS(const hdecomp::SharedAddress<T>& address, std::type_identity_t<T> expected,
            std::type_identity_t<T> value) {
  return ::atomicCAS(address.atomic(), expected, value);
}
