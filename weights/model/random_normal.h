/// Seeded normal numbers, the same bits on every machine and for any thread count.
#pragma once

#include <cstdint>
#include <span>

namespace hdecomp {

/// Where stream number `number` of a seed begins: streams of other numbers are independent of it.
uint64_t stream_of(uint64_t seed, uint64_t number);

/// Fills `numbers` with N(0, deviation^2), those from the stream's beginning on.
void fill_normal(std::span<float> numbers, uint64_t stream, double deviation);

/// A number between 0 and 1, both excluded, for each place of a stream.
double uniform_at(uint64_t stream, uint64_t place);

}  // namespace hdecomp
