/// Seeded normal numbers and orders, the same bits on every machine and for any thread count.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>

namespace hdecomp {

/// Where stream number `number` of a seed begins: streams of other numbers are independent of it.
uint64_t stream_of(uint64_t seed, uint64_t number);

/// Fills `numbers` with N(0, deviation^2), those from the stream's beginning on.
void fill_normal(std::span<float> numbers, uint64_t stream, double deviation);

/// A number between 0 and 1, both excluded, for each place of a stream.
double uniform_at(uint64_t stream, uint64_t place);

/// Fisher and Yates: an order of chance, by the stream.
template <class Element>
void shuffle(std::span<Element> list, uint64_t stream) {
  for (size_t i = list.size(); i-- > 1;) {
    const double at = uniform_at(stream, i) * static_cast<double>(i + 1);
    std::swap(list[i], list[std::min(static_cast<size_t>(at), i)]);
  }
}

}  // namespace hdecomp
