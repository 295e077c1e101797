/// The wire format of Protocol Buffers, read with every length checked against the bytes at hand.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hdecomp::onnx {

/// One field of a message. `number` counts for wire types 0, 1 and 5, `bytes` for 2.
struct Field {
  int id = 0;
  int type = 0;  // 0: varint, 1: 64 bits, 2: bytes, 5: 32 bits
  uint64_t number = 0;
  std::span<const uint8_t> bytes;

  /// Throw UserError if the field is of another wire type than its use needs.
  int64_t integer() const;
  float real() const;
  std::string_view text() const;
  std::span<const uint8_t> message() const;
};

/// The fields of one message in their order. It copies nothing; every error is a UserError without
/// the file's name.
class Message {
 public:
  explicit Message(std::span<const uint8_t> bytes) : left_(bytes) {}
  /// False at the end.
  bool next(Field& field);

 private:
  uint64_t varint();
  std::span<const uint8_t> take(uint64_t count);

  std::span<const uint8_t> left_;
};

/// Repeated numbers, packed into one field or each in a field of its own.
void append(const Field& field, std::vector<int64_t>& to);
void append(const Field& field, std::vector<float>& to);
void append(const Field& field, std::vector<double>& to);

}  // namespace hdecomp::onnx
