/// Protocol Buffers' wire format: varints, and fields with a length.
#include "weights/onnx/wire.h"

#include <bit>
#include <cstring>

#include "hdecomp/error.h"

namespace hdecomp::onnx {
namespace {

enum WireType { varint_type = 0, long_type = 1, bytes_type = 2, short_type = 5 };

[[noreturn]] void refuse(const char* what) {
  throw UserError(joined("not an ONNX file, or a damaged one (", what, ")"));
}

template <class Number>
void append_packed(const Field& field, std::vector<Number>& to) {
  if (field.bytes.size() % sizeof(Number) != 0) refuse("a list of numbers ends inside a number");
  const size_t before = to.size(), count = field.bytes.size() / sizeof(Number);
  to.resize(before + count);
  if (count > 0) std::memcpy(to.data() + before, field.bytes.data(), field.bytes.size());
}

}  // namespace

int64_t Field::integer() const {
  if (type != varint_type) refuse("a whole number of another kind");
  return static_cast<int64_t>(number);
}

float Field::real() const {
  if (type != short_type) refuse("a float of another kind");
  return std::bit_cast<float>(static_cast<uint32_t>(number));
}

std::string_view Field::text() const {
  const std::span<const uint8_t> content = message();
  return {reinterpret_cast<const char*>(content.data()), content.size()};
}

std::span<const uint8_t> Field::message() const {
  if (type != bytes_type) refuse("a message of another kind");
  return bytes;
}

uint64_t Message::varint() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const uint8_t byte = take(1)[0];
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  refuse("a number of more than 64 bits");
}

std::span<const uint8_t> Message::take(uint64_t count) {
  if (count > left_.size()) refuse("cut short");
  const std::span<const uint8_t> taken = left_.first(count);
  left_ = left_.subspan(count);
  return taken;
}

bool Message::next(Field& field) {
  if (left_.empty()) return false;
  const uint64_t key = varint();
  field = {};
  field.type = static_cast<int>(key & 7);
  if (key >> 3 == 0 || key >> 3 > 0x1fffffff) refuse("a field without a number");
  field.id = static_cast<int>(key >> 3);
  switch (field.type) {
    case varint_type:
      field.number = varint();
      return true;
    case long_type:
      std::memcpy(&field.number, take(8).data(), 8);
      return true;
    case bytes_type:
      field.bytes = take(varint());
      return true;
    case short_type: {
      uint32_t word = 0;
      std::memcpy(&word, take(4).data(), 4);
      field.number = word;
      return true;
    }
    default:
      refuse("an unknown kind of field");
  }
}

void append(const Field& field, std::vector<int64_t>& to) {
  if (field.type != bytes_type) {
    to.push_back(field.integer());
    return;
  }
  // Each varint is a field's number: the packed list is read as one value after the other.
  uint64_t value = 0;
  int shift = 0;
  for (const uint8_t byte : field.bytes) {
    if (shift >= 64) refuse("a number of more than 64 bits");
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    shift += 7;
    if (byte >= 0x80) continue;
    to.push_back(static_cast<int64_t>(value));
    value = 0, shift = 0;
  }
  if (shift != 0) refuse("a list of numbers ends inside a number");
}

void append(const Field& field, std::vector<float>& to) {
  if (field.type == bytes_type) return append_packed(field, to);
  to.push_back(field.real());
}

void append(const Field& field, std::vector<double>& to) {
  if (field.type == bytes_type) return append_packed(field, to);
  if (field.type != long_type) refuse("a double of another kind");
  to.push_back(std::bit_cast<double>(field.number));
}

}  // namespace hdecomp::onnx
