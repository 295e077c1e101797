/// Segmentations: files that scipy and PIL wrote, and byte by byte what they cannot write.
#include "hdecomp/region_labels.h"

#include <gtest/gtest.h>

#include "tests/support/image_bytes.h"
#include "tests/support/mat_bytes.h"

namespace hdecomp {
namespace {

using namespace file_testing;

using Numbers = std::vector<int>;

// scipy.io.savemat, do_compression=True: LabelMap of uint16, 1 2 300 / 0 459 255.
const Bytes scipy_mat{
    0x4d, 0x41, 0x54, 0x4c, 0x41, 0x42, 0x20, 0x35, 0x2e, 0x30, 0x20, 0x4d, 0x41, 0x54, 0x2d, 0x66,
    0x69, 0x6c, 0x65, 0x20, 0x50, 0x6c, 0x61, 0x74, 0x66, 0x6f, 0x72, 0x6d, 0x3a, 0x20, 0x70, 0x6f,
    0x73, 0x69, 0x78, 0x2c, 0x20, 0x43, 0x72, 0x65, 0x61, 0x74, 0x65, 0x64, 0x20, 0x6f, 0x6e, 0x3a,
    0x20, 0x53, 0x75, 0x6e, 0x20, 0x4e, 0x6f, 0x76, 0x20, 0x32, 0x39, 0x20, 0x31, 0x32, 0x3a, 0x31,
    0x37, 0x3a, 0x34, 0x31, 0x20, 0x32, 0x30, 0x32, 0x36, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x49, 0x4d,
    0x0f, 0x00, 0x00, 0x00, 0x38, 0x00, 0x00, 0x00, 0x78, 0x9c, 0xe3, 0x63, 0x60, 0x60, 0xf0, 0x00,
    0x62, 0x36, 0x20, 0xe6, 0x00, 0x62, 0x6e, 0x06, 0x08, 0x60, 0x85, 0xf2, 0x99, 0x80, 0x98, 0x19,
    0x88, 0x19, 0xa1, 0x7c, 0x9f, 0xc4, 0xa4, 0xd4, 0x1c, 0xdf, 0xc4, 0x02, 0x16, 0x20, 0x9b, 0x07,
    0x2a, 0xce, 0xc4, 0x70, 0x9a, 0x51, 0x87, 0xf1, 0x3f, 0x58, 0x1f, 0x00, 0x8b, 0x39, 0x05, 0x94};
// PIL, a palette of three colours, so of 2 bits: 0 1 1 / 2 2 1.
const Bytes pil_palette{
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44,
    0x52, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x02, 0x02, 0x03, 0x00, 0x00, 0x00, 0xe0,
    0x1a, 0x8e, 0x89, 0x00, 0x00, 0x00, 0x09, 0x50, 0x4c, 0x54, 0x45, 0x00, 0x00, 0x00, 0x80,
    0x00, 0x00, 0x00, 0x80, 0x00, 0xa6, 0x50, 0x65, 0x53, 0x00, 0x00, 0x00, 0x0c, 0x49, 0x44,
    0x41, 0x54, 0x78, 0x9c, 0x63, 0x10, 0x61, 0x58, 0x02, 0x00, 0x00, 0xe4, 0x00, 0xb9, 0x70,
    0x02, 0x5a, 0x3e, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};
// PIL, grey of 16 bits, as PNG and as TIFF (LZW): 0 1 300 / 459 2 1.
const Bytes pil_grey_16{
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52,
    0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x02, 0x10, 0x00, 0x00, 0x00, 0x00, 0xe8, 0x8f, 0xe5,
    0x85, 0x00, 0x00, 0x00, 0x16, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x64, 0x60, 0x60, 0x60,
    0x64, 0xd4, 0x66, 0x60, 0x3c, 0xcd, 0xc0, 0xc4, 0xc0, 0x08, 0x00, 0x05, 0x8b, 0x00, 0xfe, 0x33,
    0xad, 0x77, 0xdc, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};
const Bytes pil_tiff_16{
    0x49, 0x49, 0x2a, 0x00, 0x18, 0x00, 0x00, 0x00, 0x80, 0x00, 0x00, 0x00, 0x10, 0x00, 0xb0, 0x02,
    0xcb, 0x00, 0x80, 0xa0, 0x60, 0x08, 0x08, 0x00, 0x09, 0x00, 0x00, 0x01, 0x03, 0x00, 0x01, 0x00,
    0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x01, 0x01, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02, 0x00,
    0x00, 0x00, 0x02, 0x01, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x03, 0x01,
    0x03, 0x00, 0x01, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x06, 0x01, 0x03, 0x00, 0x01, 0x00,
    0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x11, 0x01, 0x04, 0x00, 0x01, 0x00, 0x00, 0x00, 0x08, 0x00,
    0x00, 0x00, 0x16, 0x01, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x17, 0x01,
    0x04, 0x00, 0x01, 0x00, 0x00, 0x00, 0x0f, 0x00, 0x00, 0x00, 0x1c, 0x01, 0x03, 0x00, 0x01, 0x00,
    0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};

/// A folder of segmentations and its names: numbers up to 459.
class RegionFiles : public ::testing::Test {
 protected:
  RegionFiles() : folder_(empty_folder()), names_(temporary_path("_names.txt")) {
    std::string lines;
    for (int i = 1; i <= 459; ++i) lines += joined(i, ": thing ", i, "\n");
    name(lines);
  }

  void name(const std::string& lines) const { write_bytes(names_, {lines.begin(), lines.end()}); }
  std::string put(const std::string& file, const Bytes& bytes) const {
    const std::string path = folder_ + "/" + file;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    write_bytes(path, bytes);
    return path;
  }
  RegionLabels labels(RegionKind kind = RegionKind::any, std::optional<int> first = {}) const {
    return RegionLabels::open(folder_, kind == RegionKind::caltech101 ? "" : names_, kind, first);
  }
  /// The labels' numbers, -1 where there is none.
  Numbers read(const std::string& file, const Bytes& bytes, int64_t height, int64_t width) const {
    const RegionLabels all = labels();
    const RegionMap map = all.read(put(file, bytes), height, width);
    Numbers numbers;
    for (const uint16_t region : map.regions) {
      numbers.push_back(region == RegionMap::none ? -1 : all.names().at(region).number);
    }
    return numbers;
  }
  std::string refusal(const std::string& file, const Bytes& bytes, int64_t height = 2,
                      int64_t width = 3) const {
    return error_line([&] { labels().read(put(file, bytes), height, width); });
  }

  std::string folder_, names_;
};

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

TEST_F(RegionFiles, ALabelWithoutANameIsNoneWhereItIs0Or255) {
  name("1: sky\n2: sea\n");
  EXPECT_EQ(read("a.png", png(4, 1, 8, 0, {0, 0, 255, 2, 1}), 1, 4), (Numbers{-1, -1, 2, 1}));
  expect_line(refusal("a.png", png(2, 1, 8, 0, {0, 1, 3}), 1, 2),
              "label 3 at row 0, column 1 has no name in " + names_ + " (2 names, 1 to 2)");
  name("0: background\n255: border\n2: sea\n");
  EXPECT_EQ(read("a.png", png(4, 1, 8, 0, {0, 0, 255, 2, 2}), 1, 4), (Numbers{0, 255, 2, 2}));
}

TEST_F(RegionFiles, NamesAreNumberedOrCounted) {
  const auto numbers = [&](const RegionLabels& all) {
    Numbers list;
    for (const RegionName& each : all.names()) list.push_back(each.number);
    return list;
  };
  name("sky\nsea\n");
  EXPECT_EQ(numbers(labels()), (Numbers{1, 2}));
  EXPECT_EQ(numbers(labels(RegionKind::any, 0)), (Numbers{0, 1}));
  name(
      "\xEF\xBB\xBF"
      "background\r\nsky\r\n\r\n");
  EXPECT_EQ(numbers(labels()), (Numbers{0, 1}));
  EXPECT_EQ(labels().names()[1].name, "sky");
  name("9: sky\n 4 : sea \n");
  EXPECT_EQ(numbers(labels()), (Numbers{4, 9}));
  EXPECT_EQ(labels().names()[0].name, "sea");

  const auto refused = [&](const std::string& lines, RegionKind kind = RegionKind::any) {
    name(lines);
    return error_line([&] { labels(kind); });
  };
  expect_line(refused("4: sky\n4: sea\n"), "label 4 has two names");
  expect_line(refused("sky\nsky\n"), "the name 'sky' comes twice");
  expect_line(refused("4: sky\nsea\n"), "all lines must have numbers");
  expect_line(refused("65535: sky\n"), "labels are 0 to 65534");
  expect_line(refused(std::string("sky\0", 4)), "is no text file");
  expect_line(refused(std::string(60'001, 'a')), "larger than 60000 bytes");
  std::string many;  // with their numbers they are more than one attribute of a results file holds
  for (int i = 0; i < 10'000; ++i) many += joined("a", i, "\n");
  ASSERT_LT(many.size(), 60'000u);
  expect_line(refused(many), names_ + ": 10000 names have ");
  expect_line(refused("sky\n", RegionKind::context459), "1 names; pascal-context-459 has 459");
  expect_line(refused("sky\n", RegionKind::context59),
              "pascal-context-59 has 59, or 60 with the background");
  std::string twenty;
  for (int i = 0; i < 20; ++i) twenty += joined("thing ", i, "\n");
  expect_line(refused(twenty + "a\nb\n", RegionKind::voc),
              "22 names; voc has 20, or 21 with the background");
  name("background\n" + twenty);
  EXPECT_EQ(numbers(labels(RegionKind::voc)).front(), 0);
  expect_line(error_line([&] { RegionLabels::open(folder_, "", RegionKind::any); }),
              "give a names file");
  expect_line(error_line([&] { RegionLabels::open(folder_ + "/none", names_, RegionKind::any); }),
              "there is no such folder of segmentations");
}

TEST_F(RegionFiles, AreFoundByThePhotographsName) {
  const RegionLabels all = labels();
  EXPECT_EQ(all.file_of("a/b.jpg"), "");
  const std::string flat = put("b.png", pil_palette);
  EXPECT_EQ(all.file_of("a/b.jpg"), flat);
  const std::string mat = put("b.mat", scipy_mat);
  EXPECT_EQ(all.file_of("a/b.jpg"), mat);  // .mat, .png, .tif, .tiff
  const std::string inner = put("a/b.tiff", pil_tiff_16);
  EXPECT_EQ(all.file_of("a/b.jpg"), inner);
  EXPECT_EQ(all.file_of("/elsewhere/b.jpeg"), mat);
  EXPECT_EQ(all.places_of("a/b.jpg"),
            folder_ + "/a/b or " + folder_ + "/b, with .mat, .png, .tif or .tiff");
}

/// A square, and a triangle with a corner on a pixel's centre, in MATLAB's coordinates.
TEST_F(RegionFiles, OutlinesOfCaltech101) {
  const MatMaker maker{.compressed = true};
  const auto outline = [&](const std::vector<double>& box,
                           const std::vector<std::vector<double>>& contour) {
    return concatenated({maker.header(),
                         maker.variable("obj_contour", mat_double, mi_double, contour),
                         maker.variable("box_coord", mat_double, mi_double, {box})});
  };
  // From the corner (left 2, top 1): rows 1.5 to 3.5, columns 2.5 to 4.5, so pixels 1 and 2, 2
  // and 3.
  put("Faces_3/annotation_0007.mat",
      outline({1, 4, 2, 5}, {{0.5, 2.5, 2.5, 0.5}, {0.5, 0.5, 2.5, 2.5}}));
  put("accordion/annotation_0001.mat", outline({1, 4, 1, 4}, {{0, 2, 0}, {0, 0, 2}}));
  const RegionLabels all = labels(RegionKind::caltech101);
  ASSERT_EQ(all.names().size(), 3u);
  EXPECT_EQ(all.names()[1].name, "accordion");
  EXPECT_EQ(all.names()[2].name, "faces_easy");
  const std::string file = all.file_of("faces_easy/image_0007.jpg");
  EXPECT_EQ(file, folder_ + "/Faces_3/annotation_0007.mat");
  EXPECT_EQ(all.file_of("Faces_easy/image_0007.jpg"), file);
  EXPECT_EQ(all.file_of("faces_easy/image_0008.jpg"), "");
  EXPECT_EQ(all.read(file, 4, 5).regions, (std::vector<uint16_t>{0, 0, 0, 0, 0,  //
                                                                 0, 0, 2, 2, 0,  //
                                                                 0, 0, 2, 2, 0,  //
                                                                 0, 0, 0, 0, 0}));
  // Corners (1, 1), (3, 1), (1, 3): an edge's left and upper pixels are inside, its others are not.
  EXPECT_EQ(all.read(all.file_of("accordion/image_0001.jpg"), 3, 3).regions,
            (std::vector<uint16_t>{1, 1, 0, 1, 0, 0, 0, 0, 0}));
  const auto refused = [&](const Bytes& bytes) {
    const std::string path = put("accordion/annotation_0002.mat", bytes);
    return error_line([&] { all.read(path, 4, 5); });
  };
  expect_line(refused(outline({1, 40, 2, 5}, {{0, 2, 0}, {0, 0, 2}})),
              "but the photograph has 5 x 4 pixels: was it resized?");
  expect_line(refused(outline({4, 1, 2, 5}, {{0, 2, 0}, {0, 0, 2}})),
              "box_coord is not top, bottom, left, right");
  expect_line(refused(outline({1, 4, 2, 5}, {{0, 2}, {0, 0}})), "an outline of 3 to 4096 points");
  expect_line(refused(outline({1, 4, 2, 5}, {{0, 2, 1e9}, {0, 0, 2}})), "a point far outside");
  expect_line(refused(maker.file("LabelMap", mat_uint16, mi_uint16, {{1}})),
              "has no variable box_coord");
  expect_line(error_line([&] { RegionLabels::open(folder_, names_, RegionKind::caltech101); }),
              "give no names file");
}

}  // namespace
}  // namespace hdecomp
