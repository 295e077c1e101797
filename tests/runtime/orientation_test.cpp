/// The EXIF orientation: read from JPEG and PNG files, and applied.
#include <gtest/gtest.h>

#include "hdecomp/image.h"
#include "runtime/image/orientation.h"
#include "tests/support/image_bytes.h"

namespace hdecomp {
namespace {

using namespace file_testing;

Bytes jpeg_with(const Bytes& exif) { return jpeg_with_exif(grey_jpeg(), exif); }

TEST(Orientation, IsReadFromJpegAndPng) {
  for (const bool little_endian : {false, true}) {
    for (uint32_t how = 1; how <= 8; ++how) {
      const Bytes exif = orientation_tag(how, little_endian);
      EXPECT_EQ(Image::decode(jpeg_with(exif), "a.jpg").orientation, static_cast<int>(how));
      const Bytes picture = png(1, 1, 8, 0, {0, 7}, png_chunk("eXIf", exif));
      EXPECT_EQ(Image::decode(picture, "a.png").orientation, static_cast<int>(how));
    }
  }
}

TEST(Orientation, IsUprightWhereItCannotBeRead) {
  EXPECT_EQ(Image::decode(grey_jpeg(), "a.jpg").orientation, 1);
  for (const uint32_t how : {0u, 9u, 65535u}) {
    EXPECT_EQ(Image::decode(jpeg_with(orientation_tag(how)), "a.jpg").orientation, 1) << how;
  }
  const Bytes whole = orientation_tag(6);
  for (size_t length = 0; length < whole.size() - 6; ++length) {  // the value ends 6 bytes before
    const Bytes cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(length));
    const int read = Image::decode(jpeg_with(cut), "a.jpg").orientation;
    EXPECT_TRUE(read == 1 || length > 18) << length << " bytes: " << read;
  }
}

/// The letters that the rows of an image hold in red, a row of the result each.
std::vector<std::string> letters(const Image& image) {
  std::vector<std::string> rows(static_cast<size_t>(image.height));
  for (size_t i = 0; i < image.rgb.size(); i += Image::channels) {
    rows[i / Image::channels / static_cast<size_t>(image.width)] += static_cast<char>(image.rgb[i]);
  }
  return rows;
}

// The scene is "ab" over "cd" over "ef" each time; what is stored follows from the tag's
// definition: 6, for one, has the scene's right side as its first row and the scene's top as its
// first column.
TEST(Orientation, IsUndoneByUpright) {
  const std::vector<std::vector<std::string>> stored{
      {"ab", "cd", "ef"}, {"ba", "dc", "fe"}, {"fe", "dc", "ba"}, {"ef", "cd", "ab"},
      {"ace", "bdf"},     {"bdf", "ace"},     {"fdb", "eca"},     {"eca", "fdb"}};
  for (int how = 1; how <= 8; ++how) {
    const std::vector<std::string>& rows = stored[how - 1];
    Image image{static_cast<int64_t>(rows.size()), static_cast<int64_t>(rows[0].size()), {}, how};
    for (const std::string& row : rows) {
      for (const char letter : row) {
        image.rgb.insert(image.rgb.end(), {static_cast<uint8_t>(letter), 0, 0});
      }
    }
    const Image seen = upright(image);
    EXPECT_EQ(letters(seen), stored[0]) << "orientation " << how;
    EXPECT_EQ(seen.orientation, 1);
    EXPECT_EQ(stored_pixels(seen), image.rgb) << "orientation " << how;
    EXPECT_EQ(stored_pixels(image), image.rgb);
  }
}

}  // namespace
}  // namespace hdecomp
