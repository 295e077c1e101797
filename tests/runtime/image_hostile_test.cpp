/// Image files that are not what they claim: each is refused with one line, or decoded, and never
/// crashes.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "hdecomp/image.h"
#include "tests/support/image_bytes.h"
#include "tests/support/places.h"

namespace hdecomp {
namespace {

using namespace file_testing;

namespace fs = std::filesystem;

void decode(const Bytes& file) { Image::decode(file, "photo"); }
std::string line_of(const Bytes& file) {
  return error_line([&] { decode(file); });
}

void expect_refused(const Bytes& file, const std::string& part) {
  expect_line(line_of(file), part);
  expect_line(line_of(file), "photo: ");
}

/// One small good file of each kind.
std::map<std::string, Bytes> good_files() {
  const Bytes six{10, 20, 30, 40, 50, 60};
  std::map<std::string, Bytes> files{
      {"PNM", concatenated({ascii("P6 2 1 255\n"), six})},
      {"PNM of 16 bits", concatenated({ascii("P5 3 1 999\n"), six})},
      {"PNG", png(2, 1, 8, 2, concatenated({{0}, six}))},
      {"PNG with palette", png(2, 1, 8, 3, {0, 1, 0}, png_chunk("PLTE", six))},
      {"BMP", bmp(4, 1, 24, {}, concatenated({six, six}))},
      {"BMP with palette", bmp(4, 1, 8, {1, 2, 3, 0}, {0, 0, 1, 0})},
      {"TGA", tga(2, 2, 1, 24, six)},
      {"TGA with palette", tga(1, 2, 1, 8, {1, 0}, six)},
      {"TGA with runs", tga(10, 3, 1, 24, {0x81, 1, 2, 3, 0x00, 4, 5, 6})},
      {"JPEG", grey_jpeg()},
  };
  const std::string goldens = source_folder() + "/tests/goldens/";
  for (const std::string name : {"small_progressive.jpg", "small_422.jpg", "small_cmyk.jpg"}) {
    files[name] = read_bytes(goldens + name);
  }
  return files;
}

TEST(LoadImage, NamesAFileThatCanNotBeRead) {
  const auto line = [](const std::string& path) { return error_line([&] { Image::load(path); }); };
  expect_line(line("/nonexistent.jpg"), "/nonexistent.jpg: can't be read: No such file");
  expect_line(line(::testing::TempDir()), "is a folder");
  const std::string path = temporary_path(".jpg");
  write_bytes(path, {});
  expect_line(line(path), path + ": is empty");
  write_bytes(path, ascii("just a text\n"));
  expect_line(line(path), path + ": is not a JPEG, PNG, WebP, GIF, TIFF, BMP, TGA or PNM image");
  fs::resize_file(path, (uintmax_t{1} << 30) + 1);
  expect_line(line(path), path + ": is larger than 1 GiB");
  fs::remove(path);
}

TEST(LoadImage, NamesAFileWithoutPermission) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  const std::string path = temporary_path(".jpg");
  write_bytes(path, grey_jpeg());
  fs::permissions(path, fs::perms::none);
  expect_line(error_line([&] { Image::load(path); }), "Permission denied");
  fs::remove(path);
}

TEST(DecodeImage, RefusesOtherFormats) {
  const std::string not_one = "is not a JPEG, PNG, WebP, GIF, TIFF, BMP, TGA or PNM image";
  for (const char* start : {"GIF90a", "8BPS", "#?RADIANCE", "%PDF-1.5",
                            "BMW and other cars in a text", "P6x", "<html><body></body></html>",
                            "\x7F"
                            "ELF",
                            "\x89PNG\r\n", "\xFF"}) {
    expect_refused(concatenated({ascii(start), Bytes(100, 'a')}), not_one);
  }
  expect_refused(Bytes(1, 'B'), not_one);
  expect_refused(Bytes(1000, 0), not_one);
  expect_refused(ascii("P3 1 1 255 1 2 3"), "P5 and P6");
}

TEST(DecodeImage, RefusesTextAndNoiseAsTga) {
  std::mt19937 random(3);
  for (int i = 0; i < 2000; ++i) {
    Bytes file(400);
    for (uint8_t& byte : file)
      byte = static_cast<uint8_t>(i % 2 == 0 ? ' ' + random() % 95 : random());
    EXPECT_FALSE(accepts(decode, file));
  }
}

TEST(DecodeImage, ChecksTheSizeBeforeAnyPixel) {
  const std::string part = "50000 x 50000 pixels; at most 100 megapixels";
  expect_refused(png_header(50000, 50000, 8, 2), part);
  expect_refused(concatenated({{0xFF, 0xD8}, jpeg_frame(50000, 50000)}), part);
  expect_refused(bmp(50000, 50000, 24, {}, {}), part);
  expect_refused(bmp(50000, -50000, 24, {}, {}), part);
  expect_refused(ascii("P6 50000 50000 255\n"), part);
  expect_refused(tga(2, 50000, 50000, 24, {}), part);
}

TEST(DecodeImage, RefusesSizesThatOverflow) {
  expect_refused(png_header(0xFFFFFFFF, 0xFFFFFFFF, 8, 2), "4294967295 x 4294967295 pixels");
  expect_refused(png_header(0, 5, 8, 2), "0 x 5 pixels");
  expect_refused(png_header(70000, 1, 8, 2), "at most 65535 to a side");
  expect_refused(bmp(1, INT32_MIN, 24, {}, {}), "1 x 2147483648 pixels");
  expect_refused(bmp(-1, 1, 24, {}, {0, 0, 0, 0}), "-1 x 1 pixels");
  expect_refused(ascii("P5 99999999999999999999 99999999999999999999 255\n"), "at most");
  expect_refused(concatenated({{0xFF, 0xD8}, jpeg_frame(0, 8)}), "0 x 8 pixels");
}

TEST(DecodeImage, TakesTheCallersLimit) {
  const Bytes file = concatenated({ascii("P5 3 2 255\n"), Bytes(6, 1)});
  EXPECT_EQ(Image::decode(file, "photo", 6).rgb.size(), 18u);
  expect_line(error_line([&] { Image::decode(file, "photo", 5); }),
              "3 x 2 pixels; at most 5 pixels");
}

TEST(DecodeImage, RefusesEveryTruncation) {
  for (const auto& [name, file] : good_files()) {
    SCOPED_TRACE(name);
    expect_beginnings_refused(file, decode);
  }
}

TEST(DecodeImage, RefusesAPhotoCutAnywhere) {
  const Bytes photo = read_bytes(photo_path("portrait.jpg"));
  ASSERT_TRUE(accepts(decode, photo));
  for (size_t size = 3; size < photo.size(); size += 61) {
    expect_refused(Bytes(photo.begin(), photo.begin() + static_cast<ptrdiff_t>(size)), "truncated");
  }
}

TEST(DecodeImage, SurvivesDamage) {
  for (const auto& [name, file] : good_files()) {
    SCOPED_TRACE(name);
    EXPECT_GT(try_mutations(file, 1000, decode), 0);
  }
}

TEST(DecodeImage, RefusesAJpegWithoutItsTables) {
  const Bytes end = concatenated({jpeg_frame(8, 8), jpeg_scan(), {0x64, 0xFF, 0xD9}});
  expect_refused(concatenated({{0xFF, 0xD8}, end}), "corrupt JPEG: a table is missing");
  Bytes huge_table(17 + 16 * 20, 20);  // 320 symbols, where 256 fit
  huge_table[0] = 0;
  expect_refused(concatenated({{0xFF, 0xD8}, jpeg_segment(0xC4, huge_table), end}),
                 "a bad Huffman table");
  expect_refused(concatenated({{0xFF, 0xD8}, jpeg_tables(), {0xFF, 0xD9}}), "no picture data");
  expect_refused(concatenated({{0xFF, 0xD8}, jpeg_tables(), jpeg_scan()}),
                 "before the frame header");
}

TEST(DecodeImage, RefusesAJpegOfAnotherKind) {
  expect_refused(concatenated({{0xFF, 0xD8}, jpeg_frame(8, 8, 0xC3)}),
                 "lossless or arithmetic-coded");
  expect_refused(concatenated({{0xFF, 0xD8}, jpeg_frame(8, 8, 0xC9)}),
                 "lossless or arithmetic-coded");
}

TEST(DecodeImage, RefusesAJpegOfEndlessScans) {
  Bytes file = concatenated({{0xFF, 0xD8}, jpeg_tables(), jpeg_frame(8, 8)});
  for (int i = 0; i < 101; ++i) file = concatenated({file, jpeg_scan(), {0x64}});
  expect_refused(concatenated({file, {0xFF, 0xD9}}), "too many scans");
}

TEST(DecodeImage, ChecksPngChecksums) {
  Bytes file = png(2, 1, 8, 0, {0, 1, 2});
  file[png_header(2, 1, 8, 0).size() + 8 + 7] ^= 1;  // within the pixels
  expect_refused(file, "checksum");
}

TEST(DecodeImage, RefusesAPngWithTooFewPixels) {
  expect_refused(png(2, 2, 8, 0, {0, 1, 2}), "the picture data can't be decoded");
}

// What a few bytes inflate to is bounded by the picture's size, not by the memory there is.
TEST(DecodeImage, InflatesAPngNoFurtherThanItsPictureNeeds) {
  const auto of_zeros = [](uint32_t side, int repeats) {
    return concatenated({png_header(side, side, 8, 2), png_chunk("IDAT", zlib_zeros(repeats)),
                         png_chunk("IEND", {})});
  };
  const Image black = Image::decode(of_zeros(64, 64 * (64 * 3 + 1) / 258 + 1), "black.png");
  EXPECT_EQ(black.rgb, std::vector<uint8_t>(64 * 64 * 3, 0));
  expect_refused(of_zeros(64, 2000), "larger than the picture");
}

TEST(DecodeImage, RefusesKindsOfBmpAndTgaThatCanNotBeRead) {
  expect_refused(bmp(1, 1, 8, {0, 0, 0, 0}, {0, 0, 0, 0}, 1), "compressed BMP");
  expect_refused(bmp(1, 1, 7, {0, 0, 0, 0}, {0, 0, 0, 0}), "7 bits a pixel");
  Bytes overlapping = bmp(1, 1, 24, {}, {0, 0, 0, 0});
  overlapping[10] = 20;  // the pixels' offset
  expect_refused(overlapping, "pixels within the header");
  expect_refused(tga(2, 1, 1, 24, {1, 2, 3}, {}, 0x10), "right to left");
}

}  // namespace
}  // namespace hdecomp
