/// Half, bfloat16 and double to float, by their bits.
#include "weights/file/convert_dtype.h"

#include <bit>
#include <cstring>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

static_assert(std::endian::native == std::endian::little,
              "the readers copy little-endian elements");

template <class T>
T load(const uint8_t* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

float from_float16(const uint8_t* from) {
  const uint32_t bits = load<uint16_t>(from);
  const uint32_t sign = (bits & 0x8000) << 16;
  const uint32_t exponent = (bits >> 10) & 31;
  const uint32_t mantissa = bits & 0x3ff;
  if (exponent == 0) {  // zero and the subnormal numbers: mantissa * 2^-24
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
    return sign != 0 ? -magnitude : magnitude;
  }
  const uint32_t wide_exponent = exponent == 31 ? 255 : exponent + (127 - 15);
  return std::bit_cast<float>(sign | wide_exponent << 23 | mantissa << 13);
}

float from_bfloat16(const uint8_t* from) {
  return std::bit_cast<float>(static_cast<uint32_t>(load<uint16_t>(from)) << 16);
}

float from_float32(const uint8_t* from) { return load<float>(from); }

float from_float64(const uint8_t* from) { return static_cast<float>(load<double>(from)); }

template <float (*convert)(const uint8_t*)>
void convert_all(const uint8_t* from, int64_t step, int64_t count, float* to) {
  for (int64_t i = 0; i < count; ++i) to[i] = convert(from + i * step);
}

}  // namespace

int64_t element_bytes(ElementType type) {
  switch (type) {
    case ElementType::int8:
    case ElementType::uint8:
    case ElementType::boolean:
      return 1;
    case ElementType::float16:
    case ElementType::bfloat16:
    case ElementType::int16:
      return 2;
    case ElementType::float32:
    case ElementType::int32:
      return 4;
    case ElementType::float64:
    case ElementType::int64:
      return 8;
  }
  throw Error("an element type without a size");
}

bool is_floating(ElementType type) {
  return type == ElementType::float16 || type == ElementType::bfloat16 ||
         type == ElementType::float32 || type == ElementType::float64;
}

void convert_to_float(ElementType type, const uint8_t* from, int64_t stride, int64_t count,
                      float* to) {
  const int64_t step = stride * element_bytes(type);
  switch (type) {
    case ElementType::float16:
      return convert_all<from_float16>(from, step, count, to);
    case ElementType::bfloat16:
      return convert_all<from_bfloat16>(from, step, count, to);
    case ElementType::float32:
      if (stride == 1) {
        std::memcpy(to, from, static_cast<size_t>(count) * sizeof(float));
        return;
      }
      return convert_all<from_float32>(from, step, count, to);
    case ElementType::float64:
      return convert_all<from_float64>(from, step, count, to);
    default:
      throw Error("integer weights have no conversion to float");
  }
}

}  // namespace hdecomp
