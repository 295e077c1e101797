/// CUDA's integer atomics on device memory and on checked shared memory. There are none on floats:
/// their order would change the sum.
#pragma once

#include <concepts>
#include <type_traits>

namespace emulator {

template <class T>
concept AtomicInteger = std::same_as<T, int> || std::same_as<T, unsigned int> ||
    std::same_as<T, unsigned long long> || std::same_as<T, long long>;

/// Replaces *address by change(*address) in one step; returns what was there. Two streams of two
/// threads may meet at one address, so the step is atomic on the CPU too.
template <AtomicInteger T, class Change>
T atomic_step(T* address, const Change& change) {
  T before = __atomic_load_n(address, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(address, &before, change(before), true, __ATOMIC_RELAXED,
                                      __ATOMIC_RELAXED)) {
  }
  return before;
}

}  // namespace emulator

template <emulator::AtomicInteger T>
T atomicAdd(T* address, std::type_identity_t<T> value) {
  return __atomic_fetch_add(address, value, __ATOMIC_RELAXED);
}
template <emulator::AtomicInteger T>
T atomicSub(T* address, std::type_identity_t<T> value) {
  return __atomic_fetch_sub(address, value, __ATOMIC_RELAXED);
}
template <emulator::AtomicInteger T>
T atomicMax(T* address, std::type_identity_t<T> value) {
  return emulator::atomic_step(address, [value](T old) { return old < value ? value : old; });
}
template <emulator::AtomicInteger T>
T atomicMin(T* address, std::type_identity_t<T> value) {
  return emulator::atomic_step(address, [value](T old) { return value < old ? value : old; });
}
template <emulator::AtomicInteger T>
T atomicExch(T* address, std::type_identity_t<T> value) {
  return __atomic_exchange_n(address, value, __ATOMIC_RELAXED);
}
template <emulator::AtomicInteger T>
T atomicCAS(T* address, std::type_identity_t<T> expected, std::type_identity_t<T> value) {
  __atomic_compare_exchange_n(address, &expected, value, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  return expected;
}
template <emulator::AtomicInteger T>
T atomicOr(T* address, std::type_identity_t<T> value) {
  return __atomic_fetch_or(address, value, __ATOMIC_RELAXED);
}
template <emulator::AtomicInteger T>
T atomicAnd(T* address, std::type_identity_t<T> value) {
  return __atomic_fetch_and(address, value, __ATOMIC_RELAXED);
}
