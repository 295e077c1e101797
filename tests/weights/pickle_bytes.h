/// Writes pickles of protocol 2 by hand, opcode by opcode.
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/hostile_files.h"

namespace hdecomp::file_testing {

/// Each method adds what Python's pickler would write for such a value; bytes() ends the pickle.
class PickleBytes {
 public:
  PickleBytes() : bytes_{0x80, 2} {}

  PickleBytes& raw(std::initializer_list<int> bytes) {
    for (const int byte : bytes) bytes_.push_back(static_cast<uint8_t>(byte));
    return *this;
  }
  PickleBytes& raw(std::string_view characters) {
    bytes_.insert(bytes_.end(), characters.begin(), characters.end());
    return *this;
  }
  PickleBytes& string(std::string_view value) {
    return raw("X").little_endian(value.size(), 4).raw(value);
  }
  PickleBytes& integer(int64_t value) {
    if (value >= INT32_MIN && value <= INT32_MAX) {
      return raw("J").little_endian(static_cast<uint64_t>(value), 4);
    }
    return raw({0x8a, 8}).little_endian(static_cast<uint64_t>(value), 8);
  }
  PickleBytes& global(std::string_view module, std::string_view name) {
    return raw("c").raw(module).raw("\n").raw(name).raw("\n");
  }
  PickleBytes& integers(const std::vector<int64_t>& values) {
    raw("(");
    for (const int64_t value : values) integer(value);
    return raw("t");
  }
  PickleBytes& boolean(bool value) { return raw({value ? 0x88 : 0x89}); }
  PickleBytes& none() { return raw("N"); }
  PickleBytes& mark() { return raw("("); }
  PickleBytes& tuple() { return raw("t"); }
  PickleBytes& call() { return raw("R"); }
  PickleBytes& put(int index) { return raw({'q', index}); }
  PickleBytes& get(int index) { return raw({'h', index}); }
  PickleBytes& ordered_dict() { return global("collections", "OrderedDict").raw(")R"); }

  Bytes bytes() const {
    Bytes result = bytes_;
    result.push_back('.');
    return result;
  }

 private:
  PickleBytes& little_endian(uint64_t value, int count) {
    for (int i = 0; i < count; ++i) bytes_.push_back(static_cast<uint8_t>(value >> (8 * i)));
    return *this;
  }

  Bytes bytes_;
};

}  // namespace hdecomp::file_testing
