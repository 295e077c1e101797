/// MATLAB 5 files, built element by element.
#pragma once

#include <bit>

#include "tests/support/image_bytes.h"

namespace hdecomp::file_testing {

// Classes of variables, and types of stored values.
inline constexpr uint32_t mat_cell = 1, mat_char = 4, mat_double = 6, mat_uint16 = 11;
inline constexpr uint32_t mi_uint8 = 2, mi_uint16 = 4, mi_double = 9;

struct MatMaker {
  bool big = false;  // the order of bytes
  bool compressed = false;

  Bytes number(uint64_t value, int count) const {
    Bytes bytes = little(value, count);
    if (big) std::ranges::reverse(bytes);
    return bytes;
  }
  Bytes element(uint32_t type, const Bytes& data) const {
    Bytes bytes = concatenated({number(type, 4), number(data.size(), 4), data});
    if (data.size() <= 4) bytes = concatenated({number(data.size() << 16 | type, 4), data});
    bytes.resize((bytes.size() + 7) / 8 * 8);
    return bytes;
  }

  Bytes header() const {
    Bytes text = ascii("MATLAB 5.0 MAT-file, of a test");
    text.resize(124, ' ');
    return concatenated({text, number(0x0100, 2), ascii(big ? "MI" : "IM")});
  }
  /// A matrix of class `kind`, row by row, its values stored as `type`, column by column.
  Bytes variable(const std::string& name, uint32_t kind, uint32_t type,
                 const std::vector<std::vector<double>>& rows) const {
    Bytes values;
    for (size_t x = 0; x < rows.front().size(); ++x) {
      for (const std::vector<double>& row : rows) {
        const Bytes value = type == mi_double  ? number(std::bit_cast<uint64_t>(row[x]), 8)
                            : type == mi_uint8 ? number(static_cast<uint64_t>(row[x]), 1)
                                               : number(static_cast<uint64_t>(row[x]), 2);
        values.insert(values.end(), value.begin(), value.end());
      }
    }
    const Bytes body = concatenated(
        {element(6, concatenated({number(kind, 4), number(0, 4)})),
         element(5, concatenated({number(rows.size(), 4), number(rows.front().size(), 4)})),
         element(1, ascii(name)), element(type, values)});
    const Bytes whole = concatenated({number(14, 4), number(body.size(), 4), body});
    if (!compressed) return whole;
    const Bytes stream = zlib_stored(whole);
    return concatenated({number(15, 4), number(stream.size(), 4), stream});
  }
  Bytes file(const std::string& name, uint32_t kind, uint32_t type,
             const std::vector<std::vector<double>>& rows) const {
    return concatenated({header(), variable(name, kind, type, rows)});
  }
};

}  // namespace hdecomp::file_testing
