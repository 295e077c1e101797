/// WebP, GIF and TIFF: small files that PIL wrote against PIL's pixels, and what it can't write,
/// byte by byte.
#include <gtest/gtest.h>

#include "hdecomp/image.h"
#include "tests/support/image_bytes.h"
#include "tests/support/places.h"

namespace hdecomp {
namespace {

using namespace file_testing;

const std::string goldens = source_folder() + "/tests/goldens/";

std::string refusal_of(const Bytes& file) {
  return error_line([&] { Image::decode(file, "photo"); });
}

void expect_picture(const Bytes& file, int64_t height, int64_t width, const Bytes& rgb) {
  const Image image = Image::decode(file, "photo");
  EXPECT_EQ(image.height, height);
  EXPECT_EQ(image.width, width);
  EXPECT_EQ(image.rgb, rgb);
}

TEST(DecodeLibraryFormats, IsEqualToPil) {
  for (const std::string name :
       {"lossy.webp", "alpha.webp", "palette.gif", "two_frames.gif", "lzw.tif", "deflate_alpha.tif",
        "jpeg.tif", "palette.tif", "grey.tif"}) {
    SCOPED_TRACE(name);
    std::string picture = name + ".png";
    picture[name.find('.')] = '_';
    const Image golden = Image::load(goldens + picture), image = Image::load(goldens + name);
    EXPECT_EQ(image.height, golden.height);
    EXPECT_EQ(image.width, golden.width);
    EXPECT_EQ(image.rgb, golden.rgb);
  }
}

TEST(DecodeLibraryFormats, DamageIsRefusedOrReadInBounds) {
  const auto decode = [](const Bytes& file) { Image::decode(file, "photo"); };
  for (const std::string name : {"lossy.webp", "alpha.webp", "palette.gif", "lzw.tif",
                                 "deflate_alpha.tif", "jpeg.tif", "palette.tif", "grey.tif"}) {
    SCOPED_TRACE(name);
    EXPECT_GT(try_mutations(read_bytes(goldens + name), 1000, decode), 0);
  }
  for (const std::string name : {"lossy.webp", "alpha.webp"}) {
    SCOPED_TRACE(name);
    expect_beginnings_refused(read_bytes(goldens + name), decode);
  }
  for (const Bytes& file :
       {gif(3, 1, {}, gif_frame(0, 0, 3, 1, {0, 1, 2})), tiff(2, 1, 8, 3, 2, {1, 2, 3, 4, 5, 6})}) {
    expect_beginnings_refused(file, decode);
  }
}

TEST(DecodeGif, AFrameLiesOnTheTransparentColour) {
  const Bytes rows = gif_frame(1, 1, 2, 1, {3, 0});
  const Bytes a{10, 11, 12}, b{20, 21, 22}, d{40, 41, 42};
  // Without a transparent colour on the first one.
  expect_picture(gif(3, 2, {}, rows), 2, 3, concatenated({a, a, a, a, d, a}));
  const Bytes control{0x21, 0xF9, 4, 1, 0, 0, 1, 0};
  expect_picture(gif(3, 2, control, rows), 2, 3, concatenated({b, b, b, b, d, a}));
  // A frame that leaves the screen widens it.
  expect_picture(gif(1, 1, control, rows), 2, 3, concatenated({b, b, b, b, d, a}));
}

TEST(DecodeGif, InterlacedRowsComeInFourPasses) {
  const Bytes order{0, 2, 1, 3, 0};  // rows 0, 4, 2, 1, 3
  const Image image = Image::decode(gif(1, 5, {}, gif_frame(0, 0, 1, 5, order, true)), "photo");
  Bytes red;
  for (int y = 0; y < 5; ++y) red.push_back(image.rgb[static_cast<size_t>(3 * y)]);
  EXPECT_EQ(red, (Bytes{10, 40, 20, 10, 30}));
}

TEST(DecodeGif, ChecksTheSizeBeforeAnyPixel) {
  expect_line(refusal_of(gif(65535, 65535, {}, gif_frame(0, 0, 1, 1, {0}))), "at most");
  expect_line(refusal_of(gif(1, 1, {}, gif_frame(65535, 65535, 1, 1, {0}))), "at most");
  expect_line(refusal_of(gif(0, 0, {}, gif_frame(0, 0, 0, 0, {}))), "at least 1 x 1");
  expect_line(refusal_of(gif(1, 1, {}, {0x3B})), "without a picture");
}

TEST(DecodeTiff, SamplesOfEveryKind) {
  expect_picture(tiff(2, 1, 8, 1, 1, {7, 200}), 1, 2, {7, 7, 7, 200, 200, 200});
  expect_picture(tiff(2, 1, 8, 1, 0, {7, 200}), 1, 2, {248, 248, 248, 55, 55, 55});
  expect_picture(tiff(1, 1, 16, 1, 1, {0xFF, 0x12}), 1, 1, {0x12, 0x12, 0x12});
  expect_picture(tiff(1, 1, 16, 3, 2, {1, 10, 2, 20, 3, 30}), 1, 1, {10, 20, 30});
  const Bytes pixel{100, 60, 20, 128};
  expect_picture(tiff(1, 1, 8, 4, 2, pixel, {{338, 2}}), 1, 1, {100, 60, 20});  // alpha beside them
  expect_picture(tiff(1, 1, 8, 4, 2, pixel, {{338, 1}}), 1, 1, {199, 119, 39});  // multiplied by it
  expect_picture(tiff(1, 1, 8, 2, 1, {9, 128}, {{338, 2}}), 1, 1, {9, 9, 9});
}

TEST(DecodeTiff, OrientationIsToldButNotApplied) {
  const Image image = Image::decode(tiff(2, 1, 8, 1, 1, {7, 200}, {{274, 6}}), "photo");
  EXPECT_EQ(image.orientation, 6);
  EXPECT_EQ(image.rgb, (Bytes{7, 7, 7, 200, 200, 200}));
}

TEST(DecodeTiff, NamesKindsThatCanNotBeRead) {
  expect_line(refusal_of(tiff(8, 1, 1, 1, 1, {1})), "1 bits; grey, RGB and palettes");
  expect_line(refusal_of(tiff(1, 1, 8, 4, 5, {1, 2, 3, 4})), "photometric kind 5");
  expect_line(refusal_of(tiff(1, 1, 8, 1, 1, {1}, {{339, 3}})), "floating-point");
  expect_picture(tiff(1, 1, 8, 1, 3, {1}), 1, 1, {1, 1, 1});  // libtiff: no palette, so it is grey
  expect_line(refusal_of(tiff(1, 1, 8, 1, 1, {1}, {}, 34712)), "compression 34712");
  expect_line(refusal_of(tiff(60000, 60000, 8, 1, 1, {1})), "at most");
  expect_line(refusal_of(tiff(5, 5, 8, 1, 1, {1})), "photo: ");
}

TEST(DecodeWebp, RefusesWhatIsNone) {
  Bytes file = read_bytes(goldens + "lossy.webp");
  file[12] = 'X';
  expect_line(refusal_of(file), "corrupt WebP");
}

}  // namespace
}  // namespace hdecomp
