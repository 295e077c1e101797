/// Operands of the measured ops.
#include <algorithm>

#include "bench/kernel_bench.h"

namespace hdecomp {
namespace {

/// Xorshift: quick, since large operands have 10^8 values.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15u + 1) {}
  uint64_t bits() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }

 private:
  uint64_t state_;
};

}  // namespace

Tensor random_on(const Context& context, const Shape& shape, uint64_t seed) {
  Tensor host({}, shape);
  Random random(seed);
  for (float& value : host.span()) value = static_cast<float>(random.bits() >> 40) * 0x1p-23f - 1;
  return context.device() == Device{} ? std::move(host)
                                      : copied_to(context.device(), context, host);
}

TensorOf<uint8_t> random_bytes_on(const Context& context, const Shape& shape) {
  TensorOf<uint8_t> host({}, shape);
  Random random(2);
  for (uint8_t& value : host.span()) value = static_cast<uint8_t>(random.bits() >> 56);
  return copied_to(context.device(), context, host);
}

}  // namespace hdecomp
