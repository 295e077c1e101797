/// Small image files of every format, built byte by byte for the tests.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/hostile_files.h"

namespace hdecomp::file_testing {

inline Bytes concatenated(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

inline Bytes ascii(std::string_view characters) { return {characters.begin(), characters.end()}; }

/// `count` bytes, least significant first.
inline Bytes little(uint64_t value, int count) {
  Bytes bytes;
  for (int i = 0; i < count; ++i, value >>= 8) bytes.push_back(static_cast<uint8_t>(value));
  return bytes;
}

/// `count` bytes, most significant first.
inline Bytes big(uint32_t value, int count) {
  const Bytes bytes = little(value, count);
  return {bytes.rbegin(), bytes.rend()};
}

inline Bytes png_chunk(std::string_view type, const Bytes& data) {
  const Bytes body = concatenated({ascii(type), data});
  uint32_t crc = ~0u;
  for (const uint8_t byte : body) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
  }
  return concatenated({big(static_cast<uint32_t>(data.size()), 4), body, big(~crc, 4)});
}

inline Bytes png_header(uint32_t width, uint32_t height, uint8_t depth, uint8_t colour_type) {
  return concatenated(
      {ascii("\x89PNG\r\n\x1A\n"),
       png_chunk("IHDR",
                 concatenated({big(width, 4), big(height, 4), {depth, colour_type, 0, 0, 0}}))});
}

/// A zlib stream of at most 65,535 bytes, stored without compression.
inline Bytes zlib_stored(const Bytes& bytes) {
  uint32_t low = 1, high = 0;  // Adler-32
  for (const uint8_t byte : bytes) {
    low = (low + byte) % 65521;
    high = (high + low) % 65521;
  }
  const auto size = static_cast<uint32_t>(bytes.size());
  return concatenated(
      {{0x78, 0x01, 0x01}, little(size, 2), little(~size, 2), bytes, big(high << 16 | low, 4)});
}

/// A PNG of `rows` (each with its filter byte), stored in zlib without compression. `before` holds
/// chunks that come ahead of the data.
inline Bytes png(uint32_t width, uint32_t height, uint8_t depth, uint8_t colour_type,
                 const Bytes& rows, const Bytes& before = {}) {
  return concatenated({png_header(width, height, depth, colour_type), before,
                       png_chunk("IDAT", zlib_stored(rows)), png_chunk("IEND", {})});
}

/// A zlib stream of 1 + 258 * `repeats` zeros, deflated by one fixed-Huffman block (RFC 1951).
inline Bytes zlib_zeros(int repeats) {
  Bytes stream{0x78, 0x01};
  int bits = 0;
  const auto put = [&](const char* code) {  // its first character first
    for (; *code != 0; ++code, ++bits) {
      if (bits % 8 == 0) stream.push_back(0);
      if (*code == '1') stream.back() |= static_cast<uint8_t>(1 << bits % 8);
    }
  };
  put("110");       // last block, fixed codes
  put("00110000");  // a zero
  for (int i = 0; i < repeats; ++i)
    put("11000101"
        "00000");  // 258 bytes from 1 byte before
  put("0000000");  // the end
  const uint64_t sum = (1 + uint64_t{258} * static_cast<uint64_t>(repeats)) % 65521;  // Adler-32
  return concatenated({stream, big(static_cast<uint32_t>(sum << 16 | 1), 4)});
}

/// A BMP with the 40-byte header; `palette` in entries of 4 bytes.
inline Bytes bmp(int32_t width, int32_t height, uint32_t bits, const Bytes& palette,
                 const Bytes& pixels, uint32_t compression = 0) {
  const auto offset = static_cast<uint32_t>(54 + palette.size());
  return concatenated({ascii("BM"), little(offset + static_cast<uint32_t>(pixels.size()), 4),
                       little(0, 4), little(offset, 4), little(40, 4),
                       little(static_cast<uint32_t>(width), 4),
                       little(static_cast<uint32_t>(height), 4), little(1, 2), little(bits, 2),
                       little(compression, 4), little(0, 20), palette, pixels});
}

/// `descriptor` 0x20: the first row is the top one.
inline Bytes tga(uint8_t type, uint32_t width, uint32_t height, uint8_t bits, const Bytes& pixels,
                 const Bytes& palette = {}, uint8_t descriptor = 0x20) {
  const auto colours = static_cast<uint32_t>(palette.size() / 3);
  const uint8_t has_palette = palette.empty() ? 0 : 1;
  return concatenated({{0, has_palette, type},
                       little(0, 2),
                       little(colours, 2),
                       {static_cast<uint8_t>(has_palette * 24)},
                       little(0, 4),
                       little(width, 2),
                       little(height, 2),
                       {bits, descriptor},
                       palette,
                       pixels});
}

inline Bytes jpeg_segment(uint8_t marker, const Bytes& data) {
  return concatenated({{0xFF, marker}, big(static_cast<uint32_t>(data.size() + 2), 2), data});
}

/// The parts of a grey JPEG up to its picture data.
inline Bytes jpeg_tables() {
  Bytes quantisation(65, 8);
  quantisation[0] = 0;
  const Bytes dc_length_1{0x00, 1, 0, 0, 0, 0, 0, 0, 0,
                          0,    0, 0, 0, 0, 0, 0, 0, /*magnitude bits*/ 6};
  const Bytes ac_length_1{0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /*end of block*/ 0};
  return concatenated({jpeg_segment(0xDB, quantisation), jpeg_segment(0xC4, dc_length_1),
                       jpeg_segment(0xC4, ac_length_1)});
}
inline Bytes jpeg_frame(uint32_t width, uint32_t height, uint8_t marker = 0xC0) {
  return jpeg_segment(marker, concatenated({{8}, big(height, 2), big(width, 2), {1, 1, 0x11, 0}}));
}
inline Bytes jpeg_scan() { return jpeg_segment(0xDA, {1, 1, 0x00, 0, 63, 0}); }

/// An 8 x 8 JPEG, all of one grey: 128 + 50, since its only coefficient is 50 times the step of 8,
/// over 8.
inline Bytes grey_jpeg() {
  // The code 0, then 50 in 6 bits, then the code 0 and a 1 to fill the byte up: 0 110010 0.
  return concatenated(
      {{0xFF, 0xD8}, jpeg_tables(), jpeg_frame(8, 8), jpeg_scan(), {0b01100100, 0xFF, 0xD9}});
}

/// A TIFF structure whose one entry is the EXIF orientation, in either byte order: a PNG's eXIf, or
/// of a JPEG jpeg_with_exif().
inline Bytes orientation_tag(uint32_t orientation, bool little_endian = true) {
  const auto number = [&](uint32_t value, int count) {
    return little_endian ? little(value, count) : big(value, count);
  };
  return concatenated({ascii(little_endian ? "II" : "MM"), number(42, 2), number(8, 4),
                       number(1, 2), number(0x0112, 2), number(3, 2), number(1, 4),
                       number(orientation, 2), number(0, 2), number(0, 4)});
}

/// The JPEG with these EXIF data behind its first mark.
inline Bytes jpeg_with_exif(const Bytes& jpeg, const Bytes& exif) {
  const Bytes segment = jpeg_segment(0xE1, concatenated({ascii("Exif"), {0, 0}, exif}));
  return concatenated({{jpeg.begin(), jpeg.begin() + 2}, segment, {jpeg.begin() + 2, jpeg.end()}});
}

/// A GIF frame with its colour indices, 0 to 3, as LZW codes of 3 bits: each is preceded by a clear
/// code, so that none grows.
inline Bytes gif_frame(uint32_t left, uint32_t top, uint32_t width, uint32_t height,
                       const Bytes& indices, bool interlaced = false) {
  Bytes codes;
  int bits = 0;
  const auto put = [&](int code) {
    for (int i = 0; i < 3; ++i, ++bits) {
      if (bits % 8 == 0) codes.push_back(0);
      if ((code >> i & 1) != 0) codes.back() |= static_cast<uint8_t>(1 << bits % 8);
    }
  };
  for (const uint8_t index : indices) {
    put(4);
    put(index);
  }
  put(5);
  return concatenated({{0x2C},
                       little(left, 2),
                       little(top, 2),
                       little(width, 2),
                       little(height, 2),
                       {static_cast<uint8_t>(interlaced ? 0x40 : 0), 2},
                       {static_cast<uint8_t>(codes.size())},
                       codes,
                       {0}});
}

/// A GIF with the colours (10, 11, 12), (20, 21, 22), (30, 31, 32), (40, 41, 42). It lacks the end
/// mark, which no reader of the first frame needs.
inline Bytes gif(uint32_t width, uint32_t height, const Bytes& extension, const Bytes& frame) {
  return concatenated({ascii("GIF89a"),
                       little(width, 2),
                       little(height, 2),
                       {0x81, 0, 0},
                       {10, 11, 12, 20, 21, 22, 30, 31, 32, 40, 41, 42},
                       extension,
                       frame});
}

/// A little-endian TIFF of one strip; `more`: further tags with a short value each.
inline Bytes tiff(uint32_t width, uint32_t height, uint32_t bits, uint32_t samples, uint32_t kind,
                  const Bytes& data, std::map<uint32_t, uint32_t> more = {},
                  uint32_t compression = 1) {
  more.insert({{256, width},
               {257, height},
               {258, bits},
               {259, compression},
               {262, kind},
               {273, 0},
               {277, samples},
               {278, height},
               {279, 0}});
  const auto begin = static_cast<uint32_t>(8 + 2 + 12 * more.size() + 4);
  const Bytes depth_list = [&] {
    Bytes list;
    for (uint32_t i = 0; i < samples; ++i) list = concatenated({list, little(bits, 2)});
    return list;
  }();
  const bool apart = samples > 2;  // the depths do not fit into their entry
  more[273] = begin + (apart ? static_cast<uint32_t>(depth_list.size()) : 0);
  more[279] = static_cast<uint32_t>(data.size());
  Bytes file = concatenated({ascii("II"), little(42, 2), little(8, 4), little(more.size(), 2)});
  for (const auto& [tag, value] : more) {
    const bool is_long = tag == 273 || tag == 279 || tag == 256 || tag == 257 || tag == 278;
    const bool is_depth = tag == 258;
    Bytes field = little(value, 4);
    if (is_depth) field = apart ? little(begin, 4) : concatenated({depth_list, Bytes(4)});
    field.resize(4);
    file = concatenated({file, little(tag, 2), little(is_long ? 4 : 3, 2),
                         little(is_depth ? samples : 1, 4), field});
  }
  return concatenated({file, little(0, 4), apart ? depth_list : Bytes{}, data});
}

}  // namespace hdecomp::file_testing
