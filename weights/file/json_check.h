/// A look over JSON text from a foreign file before it is parsed into memory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hdecomp {

struct JsonLimits {
  int depth = 0;      // of objects and arrays inside each other
  size_t events = 0;  // keys, values, beginnings and ends
};

struct JsonFault {
  enum class Kind { none, syntax, too_deep, too_much, key_twice };
  Kind kind = Kind::none;
  std::string key;  // of the outermost object, that comes twice
};

/// The first fault, in time that grows with the text's length alone. (The library's parser with a
/// callback looks over all values read so far after each one, and keeps the last of two equal
/// keys.)
JsonFault check_json(std::string_view content, const JsonLimits& limits);

}  // namespace hdecomp
