/// NEP 1: magic, version, a Python dict padded with blanks to 64 bytes, the numbers.
#include "runtime/saliency/npy_bytes.h"

#include <bit>
#include <cstring>
#include <string>

#include "hdecomp/error.h"

namespace hdecomp {

static_assert(std::endian::native == std::endian::little);

std::vector<uint8_t> npy_bytes(std::span<const int64_t> shape, std::span<const float> values) {
  constexpr size_t before = 10;  // magic, version, the header's length
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (size_t i = 0; i < shape.size(); ++i) header += joined(i == 0 ? "" : ", ", shape[i]);
  header += "), }";
  header.resize((before + header.size() + 1 + 63) / 64 * 64 - before - 1, ' ');
  header += '\n';
  std::string head("\x93NUMPY\x01\0", 8);
  head += static_cast<char>(header.size() & 255);
  head += static_cast<char>(header.size() >> 8);
  head += header;
  std::vector<uint8_t> bytes(head.size() + values.size_bytes());
  std::memcpy(bytes.data(), head.data(), head.size());
  if (!values.empty()) std::memcpy(bytes.data() + head.size(), values.data(), values.size_bytes());
  return bytes;
}

}  // namespace hdecomp
