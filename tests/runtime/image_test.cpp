/// Decoding every image format from hand-written bytes, and saving PNG files.
#include "hdecomp/image.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>

#include "runtime/image/deflate.h"
#include "tests/support/image_bytes.h"
#include "tests/support/places.h"

namespace hdecomp {
namespace {

using namespace file_testing;

namespace fs = std::filesystem;

void expect_pixels(const Bytes& file, int64_t height, int64_t width, const Bytes& rgb) {
  const Image image = Image::decode(file, "test");
  EXPECT_EQ(image.height, height);
  EXPECT_EQ(image.width, width);
  EXPECT_EQ(image.rgb, rgb);
}

Image noise(int64_t height, int64_t width) {
  Image image{height, width, Bytes(static_cast<size_t>(height * width * 3))};
  std::mt19937 random(5);
  for (uint8_t& value : image.rgb) value = static_cast<uint8_t>(random());
  return image;
}

const Bytes red_green{255, 0, 0, 0, 255, 0};

TEST(DecodePnm, ReadsColourAndGrey) {
  expect_pixels(concatenated({ascii("P6\n2 1\n255\n"), {1, 2, 3, 4, 5, 6}}), 1, 2,
                {1, 2, 3, 4, 5, 6});
  expect_pixels(concatenated({ascii("P5 1 2 255 "), {7, 9}}), 2, 1, {7, 7, 7, 9, 9, 9});
}

TEST(DecodePnm, SkipsRemarks) {
  expect_pixels(concatenated({ascii("P5# a\n#b\n1 #c\n 1\n255\n"), {35}}), 1, 1, {35, 35, 35});
}

TEST(DecodePnm, KeepsTheUpperByteOf16Bits) {
  expect_pixels(concatenated({ascii("P5 2 1 65535\n"), {0x12, 0xFF, 0xFE, 0x01}}), 1, 2,
                {0x12, 0x12, 0x12, 0xFE, 0xFE, 0xFE});
}

TEST(DecodePnm, ScalesToTheLargestValue) {
  expect_pixels(concatenated({ascii("P6 1 1 15\n"), {0, 7, 15}}), 1, 1, {0, 119, 255});
  expect_pixels(concatenated({ascii("P5 1 1 1000\n"), big(500, 2)}), 1, 1, {128, 128, 128});
}

TEST(DecodePng, ReadsColourAndDropsAlpha) {
  expect_pixels(png(2, 1, 8, 2, concatenated({{0}, red_green})), 1, 2, red_green);
  expect_pixels(png(1, 1, 8, 6, {0, 10, 20, 30, /*alpha*/ 40}), 1, 1, {10, 20, 30});
}

TEST(DecodePng, RepeatsGrey) {
  expect_pixels(png(2, 1, 8, 0, {0, 3, 4}), 1, 2, {3, 3, 3, 4, 4, 4});
  expect_pixels(png(1, 1, 8, 4, {0, 3, /*alpha*/ 200}), 1, 1, {3, 3, 3});
  expect_pixels(png(2, 1, 1, 0, {0, 0b01000000}), 1, 2, {0, 0, 0, 255, 255, 255});
}

TEST(DecodePng, KeepsTheUpperByteOf16Bits) {
  expect_pixels(png(1, 1, 16, 2, {0, 0x12, 0xFF, 0x80, 0x7F, 0xFF, 0x01}), 1, 1,
                {0x12, 0x80, 0xFF});
  expect_pixels(png(1, 1, 16, 0, {0, 0x21, 0xFF}), 1, 1, {0x21, 0x21, 0x21});
}

TEST(DecodePng, LooksColoursUpAndPaintsUnknownOnesBlack) {
  const Bytes palette = png_chunk("PLTE", red_green);
  expect_pixels(png(4, 1, 8, 3, {0, 1, 0, 2, 255}, palette), 1, 4,
                {0, 255, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0});
}

TEST(DecodeBmp, ReadsRowsUpwardsAndDownwards) {
  const Bytes blue_then_white{255, 0, 0, 0, 255, 255, 255, 0};  // blue, green, red, padding
  expect_pixels(bmp(1, 2, 24, {}, blue_then_white), 2, 1, {255, 255, 255, 0, 0, 255});
  expect_pixels(bmp(1, -2, 24, {}, blue_then_white), 2, 1, {0, 0, 255, 255, 255, 255});
}

TEST(DecodeBmp, Reads32And16Bits) {
  expect_pixels(bmp(1, 1, 32, {}, {1, 2, 3, 99}), 1, 1, {3, 2, 1});
  expect_pixels(bmp(1, 1, 16, {}, {0b11100000, 0b00000011, 0, 0}), 1, 1, {0, 255, 0});
}

TEST(DecodeBmp, LooksColoursUpAndPaintsUnknownOnesBlack) {
  const Bytes palette{0, 0, 255, 0, 0, 255, 0, 0};  // red, green
  expect_pixels(bmp(3, 1, 8, palette, {1, 0, 7, 0}), 1, 3, {0, 255, 0, 255, 0, 0, 0, 0, 0});
  expect_pixels(bmp(2, 1, 1, palette, {0b01000000, 0, 0, 0}), 1, 2, red_green);
  expect_pixels(bmp(2, 1, 4, palette, {0x01, 0, 0, 0}), 1, 2, red_green);
}

TEST(DecodeTga, ReadsColourGreyAndPalette) {
  expect_pixels(tga(2, 2, 1, 24, {0, 0, 255, 0, 255, 0}), 1, 2, red_green);
  expect_pixels(tga(2, 1, 1, 32, {3, 2, 1, 50}), 1, 1, {1, 2, 3});
  expect_pixels(tga(3, 1, 2, 8, {8, 9}, {}, 0), 2, 1, {9, 9, 9, 8, 8, 8});
  expect_pixels(tga(1, 2, 1, 8, {1, 0}, {0, 255, 0, 0, 0, 255}), 1, 2, red_green);
}

TEST(DecodeTga, ReadsRuns) {
  // A run of three 5s, then two plain pixels.
  expect_pixels(tga(11, 5, 1, 8, {0x82, 5, 0x01, 6, 7}), 1, 5,
                {5, 5, 5, 5, 5, 5, 5, 5, 5, 6, 6, 6, 7, 7, 7});
}

TEST(DecodeJpeg, ReadsAGreyBlock) { expect_pixels(grey_jpeg(), 8, 8, Bytes(8 * 8 * 3, 178)); }

TEST(DecodeJpeg, ReadsBlocksBetweenRestarts) {
  // Each restart sets the prediction back to 0: without them the second block would be 100 above
  // 128.
  const Bytes every_block = jpeg_segment(0xDD, {0, 1});
  expect_pixels(concatenated({{0xFF, 0xD8},
                              jpeg_tables(),
                              every_block,
                              jpeg_frame(16, 8),
                              jpeg_scan(),
                              {0b01100100, 0xFF, 0xD0, 0b01100100, 0xFF, 0xD9}}),
                8, 16, Bytes(8 * 16 * 3, 178));
}

TEST(DecodeJpeg, IgnoresWhatFollowsTheEnd) {
  expect_pixels(concatenated({grey_jpeg(), ascii("trailer")}), 8, 8, Bytes(8 * 8 * 3, 178));
}

TEST(DecodeJpeg, IsBitEqualToPil) {
  const std::string goldens = source_folder() + "/tests/goldens/";
  for (const std::string name : {"small_progressive", "small_422", "small_440", "narrow_420",
                                 "narrow_422", "narrow_filtered_420"}) {
    const Image image = Image::load(goldens + name + ".jpg");
    const Image golden = Image::load(goldens + name + ".png");
    EXPECT_EQ(image.height, golden.height) << name;
    EXPECT_EQ(image.width, golden.width) << name;
    EXPECT_EQ(image.rgb, golden.rgb) << name;
  }
}

TEST(SavePng, ComesBackTheSame) {
  const std::string path = temporary_path(".png");
  for (const Image& image : {noise(1, 1), noise(37, 61), Image{40, 9, Bytes(40 * 9 * 3, 200)}}) {
    save_png(image, path);
    const Image again = Image::load(path);
    EXPECT_EQ(again.height, image.height);
    EXPECT_EQ(again.width, image.width);
    EXPECT_EQ(again.rgb, image.rgb);
  }
}

/// Byte for byte: one stream of rows that are less the row above.
TEST(EncodePng, IsOneStreamOfDifferencesToTheRowAbove) {
  const Image image{3, 2, {1, 2, 3, 4, 5, 6, 6, 5, 4, 3, 2, 1, 255, 0, 255, 0, 255, 0}};
  const Bytes rows{2, 1, 2, 3, 4, 5, 6, 2, 5, 3, 1, 255, 253, 251, 2, 249, 251, 251, 253, 253, 255};
  const Bytes file = encode_png(image);
  constexpr size_t before = 8 + 25 + 8, after = 4 + 12;  // signature, IHDR; the checksum, IEND
  ASSERT_GT(file.size(), before + after);
  const std::string type(file.begin() + before - 4, file.begin() + before);
  EXPECT_EQ(type, "IDAT");
  const std::span stream = std::span(file).subspan(before, file.size() - before - after);
  EXPECT_EQ(inflated(stream, 1000), rows);
}

TEST(SavePng, WritesThroughALinkAndKeepsIt) {
  const std::string path = temporary_path(".png"), link = temporary_path("_link.png");
  fs::remove(link);
  save_png(noise(2, 2), path);
  fs::create_symlink(path, link);
  save_png(noise(3, 3), link);
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(Image::load(path).height, 3);
}

TEST(SavePng, NamesAPlaceThatCanNotBeWritten) {
  const auto line = [](const std::string& path) {
    return error_line([&] { save_png(noise(2, 2), path); });
  };
  expect_line(line("/nonexistent/a.png"), "/nonexistent/a.png: can't be written: No such file");
  expect_line(line(::testing::TempDir()), "is a folder");
  expect_line(line("/dev/null"), "/dev/null: is not a regular file");
  expect_line(line(""), "empty");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST(SavePng, NamesAFolderWithoutPermission) {
  if (geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  const std::string folder = temporary_path("_folder");
  fs::create_directories(folder);
  fs::permissions(folder, fs::perms::owner_read | fs::perms::owner_exec);
  expect_line(error_line([&] { save_png(noise(2, 2), folder + "/a.png"); }), "Permission denied");
}

TEST(SavePng, LeavesNothingBehindOnAFullDisk) {
  const std::string folder = temporary_path("_folder"), path = folder + "/a.png";
  fs::remove_all(folder);
  fs::create_directories(folder);
  write_bytes(path, ascii("old"));
  // A limit on the size of files stands in for the disk.
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit tight{100, before.rlim_max};
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
  const std::string line = error_line([&] { save_png(noise(50, 50), path); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  expect_line(line, path + ": can't be written: ");
  EXPECT_EQ(read_bytes(path), ascii("old"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator{}), 1);
}

/// Saves in a process with memory for the filtered rows, but not for their compressed bytes too.
/// Exits 0 if that is told of in one line and nothing lies in the folder.
[[noreturn]] void save_without_memory(const std::string& folder) {
  constexpr int64_t side = 6000;
  const Image image{side, side, Bytes(side * side * Image::channels)};
  std::ifstream status("/proc/self/statm");
  rlim_t pages = 0;
  status >> pages;
  const rlim_t bytes = pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + (rlim_t{160} << 20);
  const rlimit tight{bytes, bytes};
  if (setrlimit(RLIMIT_AS, &tight) != 0) std::_Exit(3);
  std::string line;
  try {
    save_png(image, folder + "/a.png");
  } catch (const Error& fault) {
    line = fault.what();
  }
  const bool told = line == folder + "/a.png: out of memory while encoding the picture";
  std::_Exit(!told ? 1 : fs::is_empty(folder) ? 0 : 2);
}

TEST(SavePng, TellsThatThereIsNoMemory) {
  if (sanitized()) GTEST_SKIP() << "the sanitizer needs more addresses than a limit leaves";
  // In a new process: what earlier tests freed would be memory without new addresses.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const std::string folder = temporary_path("_no_memory");
  fs::remove_all(folder);
  fs::create_directories(folder);
  EXPECT_EXIT(save_without_memory(folder), testing::ExitedWithCode(0), "");
}

TEST(SavePng, RefusesAnImageThatIsNone) {
  const std::string path = temporary_path(".png");
  fs::remove(path);
  for (const Image& image : {Image{}, Image{2, 2, Bytes(11)}, Image{-2, -2, Bytes(12)},
                             Image{int64_t{1} << 40, int64_t{1} << 40, {}}}) {
    EXPECT_THROW(save_png(image, path), UserError);
  }
  EXPECT_FALSE(fs::exists(path));
}

}  // namespace
}  // namespace hdecomp
