/// Segmentations: files that scipy and PIL wrote, and byte by byte what they cannot write.
#include <gtest/gtest.h>

#include "tests/runtime/region_files.h"

namespace hdecomp {
namespace {

using namespace file_testing;
using namespace region_testing;

TEST_F(RegionFiles, OfScipyAndPilAreTheirNumbers) {
  EXPECT_EQ(read("a.mat", scipy_mat, 2, 3), (Numbers{1, 2, 300, -1, 459, 255}));
  EXPECT_EQ(read("a.png", pil_palette, 2, 3), (Numbers{-1, 1, 1, 2, 2, 1}));
  EXPECT_EQ(read("b.png", pil_grey_16, 2, 3), (Numbers{-1, 1, 300, 459, 2, 1}));
  EXPECT_EQ(read("a.tif", pil_tiff_16, 2, 3), (Numbers{-1, 1, 300, 459, 2, 1}));
}

TEST_F(RegionFiles, MatFilesOfEitherOrderAndEveryType) {
  const Numbers expected{1, 2, 3, 4, 5, 6};
  for (const MatMaker& maker : {MatMaker{}, MatMaker{.big = true}, MatMaker{.compressed = true},
                                MatMaker{.big = true, .compressed = true}}) {
    EXPECT_EQ(
        read("a.mat", maker.file("LabelMap", mat_uint16, mi_uint16, {{1, 2, 3}, {4, 5, 6}}), 2, 3),
        expected);
    // MATLAB stores whole numbers of any class in the narrowest type.
    EXPECT_EQ(
        read("a.mat", maker.file("LabelMap", mat_uint16, mi_uint8, {{1, 2, 3}, {4, 5, 6}}), 2, 3),
        expected);
    EXPECT_EQ(
        read("a.mat", maker.file("LabelMap", mat_double, mi_uint8, {{1, 2, 3}, {4, 5, 6}}), 2, 3),
        expected);
    EXPECT_EQ(
        read("a.mat", maker.file("LabelMap", mat_double, mi_double, {{1, 2, 3}, {4, 5, 6}}), 2, 3),
        expected);
    // Up to four bytes are a small element.
    EXPECT_EQ(read("a.mat", maker.file("LabelMap", mat_uint16, mi_uint16, {{7, 300}}), 1, 2),
              (Numbers{7, 300}));
  }
  // Other variables, before and after, of kinds that are not read.
  const MatMaker maker;
  const Bytes file =
      concatenated({maker.header(), maker.variable("other", mat_cell, mi_uint8, {{1}}),
                    maker.variable("LabelMap", mat_uint16, mi_uint16, {{9}}),
                    maker.variable("text", mat_char, mi_uint8, {{1}})});
  EXPECT_EQ(read("a.mat", file, 1, 1), Numbers{9});
}

TEST_F(RegionFiles, MatFilesThatCannotBeReadSayWhy) {
  const MatMaker maker;
  const auto of = [&](uint32_t kind, const std::vector<std::vector<double>>& values) {
    return maker.file("LabelMap", kind, mi_double, values);
  };
  expect_line(refusal("a.mat", maker.file("groundTruth", mat_uint16, mi_uint16, {{1}})),
              "has no variable LabelMap; it has 'groundTruth'");
  expect_line(refusal("a.mat", maker.header()), "has no variable LabelMap");
  Bytes v73 = scipy_mat;
  v73[124] = 0, v73[125] = 2;
  expect_line(refusal("a.mat", v73), "v7.3 (HDF5)");
  expect_line(refusal("a.mat", ascii("\x89HDF\r\n\x1A\n and more")), "save it with -v7");
  expect_line(refusal("a.mat", ascii("not at all")), "is no MAT file of version 5");
  expect_line(refusal("a.mat", of(mat_cell, {{1}})), "is not a matrix of real numbers");
  expect_line(refusal("a.mat", of(mat_double, {{1.5}})), "LabelMap holds 1.5");
  expect_line(refusal("a.mat", of(mat_double, {{-1}})), "LabelMap holds -1");
  expect_line(refusal("a.mat", of(mat_double, {{65536}})), "labels are whole numbers");
  expect_line(refusal("a.mat", of(mat_double, {{1, 2}})),
              "has 2 x 1 labels, but the photograph has 3 x 2 pixels");
}

TEST_F(RegionFiles, MatFilesOfFalseSizesAreRefusedBeforeLibmatioSeesThem) {
  const MatMaker maker;
  const Bytes good = maker.file("LabelMap", mat_uint16, mi_uint16, {{1, 2, 3}, {4, 5, 6}});
  const size_t extent = 128 + 8 + 16 + 8;  // header, tag, flags, the extent's tag
  for (const uint32_t rows : {0u, 3u, 0x7fffffffu, 0xffffffffu}) {
    Bytes bad = good;
    const Bytes four = little(rows, 4);
    std::ranges::copy(four, bad.begin() + static_cast<long>(extent));
    EXPECT_FALSE(refusal("a.mat", bad).empty());
  }
  // Eight bytes of values that call themselves small, so that they would lie over what follows.
  Bytes small = maker.file("LabelMap", mat_uint16, mi_uint16, {{1, 2, 3, 4}});
  std::ranges::copy(little(8 << 16 | mi_uint16, 4),
                    small.begin() + static_cast<long>(extent + 8 + 16));
  expect_line(refusal("a.mat", small), "a small element of more than four bytes");
  // A stream whose variable claims 2 GiB: what its head says is checked before they are made.
  const auto claiming = [&](uint32_t kind) {
    Bytes whole = maker.variable("LabelMap", kind, mi_uint16, {{1, 2, 3}, {4, 5, 6}});
    std::ranges::copy(little(0x7ffffff0, 4), whole.begin() + 4);
    const Bytes stream = zlib_stored(whole);
    return concatenated({maker.header(), little(15, 4), little(stream.size(), 4), stream});
  };
  expect_line(refusal("a.mat", claiming(mat_uint16)), "'LabelMap' is larger than its values");
  expect_line(refusal("a.mat", claiming(mat_cell)), "is not a matrix of real numbers");
  Bytes longer = good;
  longer[128 + 4] = 0xff;  // the variable's length
  expect_line(refusal("a.mat", longer), "an element ends beyond what holds it");
  const auto read_mat = [&](const Bytes& bytes) { read("a.mat", bytes, 2, 3); };
  expect_beginnings_refused(good, read_mat);
  expect_beginnings_refused(scipy_mat, read_mat);
  EXPECT_GT(try_mutations(good, 2000, read_mat), 0);
  EXPECT_GT(try_mutations(scipy_mat, 2000, read_mat), 0);
}

TEST_F(RegionFiles, PngsOfEveryDepthAndFilter) {
  const Numbers expected{1, 2, 3, 3, 2, 1};
  EXPECT_EQ(read("a.png", png(3, 2, 2, 0, {0, 0b01101100, 0, 0b11100100}), 2, 3), expected);
  EXPECT_EQ(read("a.png", png(3, 2, 4, 3, {0, 0x12, 0x30, 0, 0x32, 0x10}), 2, 3), expected);
  EXPECT_EQ(read("a.png", png(3, 2, 8, 0, {0, 1, 2, 3, 0, 3, 2, 1}), 2, 3), expected);
  EXPECT_EQ(read("a.png", png(3, 2, 16, 0, {0, 0, 1, 0, 2, 0, 3, 0, 0, 3, 0, 2, 0, 1}), 2, 3),
            expected);
  EXPECT_EQ(read("a.png", png(9, 1, 1, 0, {0, 0b10110101, 0x80}), 1, 9),
            (Numbers{1, -1, 1, 1, -1, 1, -1, 1, 1}));
  const uint8_t less = 0xff;  // -1
  EXPECT_EQ(read("a.png", png(3, 2, 8, 0, {1, 1, 1, 1, 1, 3, less, less}), 2, 3),
            expected);                                                                     // left
  EXPECT_EQ(read("a.png", png(3, 2, 8, 0, {0, 1, 2, 3, 2, 2, 0, 0xfe}), 2, 3), expected);  // up
  EXPECT_EQ(read("a.png", png(3, 2, 8, 0, {0, 1, 2, 3, 3, 3, 0, less}), 2, 3), expected);  // mean
  EXPECT_EQ(read("a.png", png(3, 2, 8, 0, {0, 1, 2, 3, 4, 2, less, 0xfe}), 2, 3),
            expected);  // Paeth
}

TEST_F(RegionFiles, InterlacedPngs) {
  // 3 x 2 of Adam7: pass 1 has (0, 0), pass 4 (0, 2), pass 6 (0, 1), pass 7 the second row.
  Bytes file = png(3, 2, 8, 0, {0, 1, 0, 3, 0, 2, 0, 3, 2, 1});
  const Bytes header = png_chunk("IHDR", concatenated({big(3, 4), big(2, 4), {8, 0, 0, 0, 1}}));
  std::ranges::copy(header, file.begin() + 8);
  EXPECT_EQ(read("a.png", file, 2, 3), (Numbers{1, 2, 3, 3, 2, 1}));
}

TEST_F(RegionFiles, PngsThatCannotBeReadSayWhy) {
  expect_line(refusal("a.png", png(1, 1, 8, 2, {0, 1, 2, 3})), "a label PNG with colours");
  expect_line(refusal("a.png", png(3, 2, 8, 0, {0, 1, 2, 3})), "its samples end early");
  expect_line(refusal("a.png", png(3, 2, 8, 0, {5, 1, 2, 3, 0, 1, 1, 1})), "an unknown filter");
  expect_line(refusal("a.png", png(3, 2, 16, 3, Bytes(20))), "an unknown kind of samples");
  expect_line(refusal("a.png", png(100000, 2, 8, 0, {0})), "a.png");
  expect_line(refusal("a.png", ascii("GIF89a")), "is no PNG, TIFF or MATLAB file of labels");
  expect_line(refusal("a.tif", tiff(1, 1, 8, 3, 2, {1, 2, 3})), "a label TIFF with colours");
  const auto read_png = [&](const Bytes& bytes) { read("a.png", bytes, 2, 3); };
  expect_beginnings_refused(pil_palette, read_png);
  EXPECT_GT(try_mutations(pil_grey_16, 2000, read_png), 0);
}

TEST_F(RegionFiles, TurnAsTheirPhotographsDo) {
  // The photograph's red and its labels are the same numbers, so they must stay so.
  const std::string file = put("a.png", png(3, 2, 8, 0, {0, 1, 2, 3, 0, 4, 5, 6}));
  const RegionLabels all = labels();
  for (int how = 1; how <= 8; ++how) {
    Image photo{2, 3, {}, how};
    for (uint8_t i = 1; i <= 6; ++i) photo.rgb.insert(photo.rgb.end(), {i, 0, 0});
    const Image seen = upright(photo);
    const RegionMap map = all.read(file, seen);
    ASSERT_EQ(map.height, how >= 5 ? 3 : 2);
    ASSERT_EQ(map.width, how >= 5 ? 2 : 3);
    for (size_t i = 0; i < 6; ++i) {
      EXPECT_EQ(all.names().at(map.regions.at(i)).number, seen.rgb[3 * i]) << "orientation " << how;
    }
  }
}

}  // namespace
}  // namespace hdecomp
