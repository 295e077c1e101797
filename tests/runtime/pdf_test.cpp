/// pyramid.pdf: its objects where its table says, what is drawn, and what Debian's poppler reads of
/// it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>

#include "hdecomp/hdecomp.h"
#include "runtime/image/deflate.h"
#include "runtime/report/canvas.h"
#include "runtime/report/tree_neurons.h"
#include "tests/tools/command_testing.h"

namespace hdecomp {
namespace {

using command_testing::count_of;
using testing::HasSubstr;

constexpr const char* odd_name = "a (b) \\c \x01 caf\xc3\xa9 \xe7\x8c\xab \xf0\x9f\x90\xb1";

struct ReadPdf {
  std::vector<std::string> objects;  // from 1; 0 is none
  std::string content;               // the page's, inflated

  const std::string& object(size_t number) const { return objects.at(number); }
};

/// The bytes between "stream" and "endstream", as many as the object says.
std::string stream_of(const std::string& object) {
  const size_t length = object.find("/Length "), begin = object.find(">>\nstream\n") + 10;
  EXPECT_NE(length, object.npos);
  const size_t bytes = std::stoul(object.substr(length + 8));
  EXPECT_EQ(object.substr(begin + bytes), "\nendstream");
  return object.substr(begin, bytes);
}

ReadPdf read(const std::string& pdf) {
  ReadPdf file;
  EXPECT_TRUE(pdf.starts_with("%PDF-1.5\n"));
  EXPECT_TRUE(pdf.ends_with("\n%%EOF"));
  const size_t table = std::stoul(pdf.substr(pdf.rfind("startxref\n") + 10));
  EXPECT_EQ(pdf.substr(table, 7), "xref\n0 ");
  const size_t count = std::stoul(pdf.substr(table + 7)), rows = pdf.find('\n', table + 5) + 1;
  EXPECT_THAT(pdf, HasSubstr(joined("/Size ", count)));
  file.objects.resize(1);
  for (size_t i = 1; i < count; ++i) {
    const std::string row = pdf.substr(rows + 20 * i, 20), head = joined(i, " 0 obj\n");
    EXPECT_EQ(row.substr(10), " 00000 n \n");
    const size_t begin = std::stoul(row);
    EXPECT_EQ(pdf.substr(begin, head.size()), head);
    size_t end = i + 1 < count ? std::stoul(pdf.substr(rows + 20 * (i + 1), 10)) : table;
    end -= std::string_view("\nendobj\n").size();
    EXPECT_EQ(pdf.substr(end, 8), "\nendobj\n");
    file.objects.push_back(pdf.substr(begin + head.size(), end - begin - head.size()));
  }
  const std::string stream = stream_of(file.object(5));
  const auto* bytes = reinterpret_cast<const uint8_t*>(stream.data());
  const std::vector<uint8_t> content = inflated({bytes, stream.size()}, size_t{1} << 24);
  file.content.assign(content.begin(), content.end());
  return file;
}

std::string output_of(const std::string& call) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen((call + " 2>&1").c_str(), "r"), pclose);
  std::string all;
  for (char part[4096]; std::fgets(part, sizeof part, pipe.get()) != nullptr;) all += part;
  return all;
}

class PyramidPdf : public testing::Test {
 protected:
  PyramidPdf() : photo_(Image::load(command_testing::photo("portrait.jpg"))) {
    tree_ = explainer_.explain(photo_, {"", 3, 2, true});
    tree_.decision.name = odd_name;
    for (const auto& level : neurons_of(tree_.root)) {
      neurons_ += level.size();
      for (const TreeNeuron& neuron : level) lines_ += neuron.choosers.size();
    }
  }
  std::string pdf(Colours colours = Colours::jet) {
    return pyramid_pdf(tree_, photo_, explainer_.model(), colours);
  }

  Image photo_;
  Explainer explainer_{Model::bundled("vgg16-slim"), {.device = "cpu"}};
  Tree tree_;
  size_t neurons_ = 0, lines_ = 0;
};

TEST_F(PyramidPdf, HasLinesWordsAndEveryMap) {
  const std::string whole = pdf();
  const ReadPdf file = read(whole);
  const size_t pictures = neurons_ + 2;  // the photograph and the colours' bar
  ASSERT_EQ(file.objects.size(), 6 + pictures);
  EXPECT_EQ(count_of(file.content, " Do Q\n"), pictures);
  EXPECT_EQ(count_of(file.content, " c S\n"), lines_);
  EXPECT_EQ(count_of(file.content, "BT "), count_of(file.content, " Tj ET\n"));
  EXPECT_EQ(count_of(file.content, "(channel "), tree_.root.children().size());
  EXPECT_THAT(file.content, HasSubstr("(conv5_3) Tj"));
  for (size_t i = 0; i < pictures; ++i) {
    const std::string& picture = file.object(6 + i);
    EXPECT_THAT(picture, HasSubstr("/Filter/DCTDecode"));
    const std::string jpeg = stream_of(picture);
    const Image image =
        Image::decode({reinterpret_cast<const uint8_t*>(jpeg.data()), jpeg.size()}, "a picture");
    EXPECT_THAT(picture, HasSubstr(joined("/Width ", image.width, "/Height ", image.height, "/")));
    EXPECT_THAT(file.object(3), HasSubstr(joined("/I", i, " ", 6 + i, " 0 R")));
  }
  EXPECT_EQ(pdf(), whole);
  EXPECT_NE(pdf(Colours::ember), whole);
  tree_ = explainer_.explain(photo_, {"", 2, 1});
  EXPECT_THROW(pdf(), Error);
}

TEST_F(PyramidPdf, ReadersFindItsWordsAndPictures) {
  if (output_of("pdftotext -v").find("pdftotext version") == std::string::npos) {
    GTEST_SKIP() << "no pdftotext; tools/setup.sh test installs it";
  }
  const std::string folder = command_testing::empty_folder(), path = folder + "/a.pdf";
  command_testing::write_text(path, pdf());
  const std::string text = output_of("pdftotext -enc UTF-8 " + path + " -");
  EXPECT_THAT(text, HasSubstr("a (b) \\c  caf\xc3\xa9 \xe7\x8c\xab \xf0\x9f\x90\xb1\n"));
  EXPECT_THAT(text, HasSubstr("conv5_3"));
  EXPECT_THAT(text, testing::Not(HasSubstr("rror")));
  EXPECT_EQ(count_of(text, "channel "), tree_.root.children().size());
  const std::string list = output_of("pdfimages -list " + path);
  EXPECT_EQ(count_of(list, " jpeg "), neurons_ + 2) << list;
  const std::string info = output_of("pdfinfo " + path);
  EXPECT_THAT(info, HasSubstr("Pages:           1\n"));
}

/// Words are centred by the widths of the letters that every reader has.
TEST(PdfCanvas, TextIsCentredAndAPageIsNeverTooLong) {
  PdfCanvas canvas(30000, 400);
  canvas.text("Wiggly", {200, 15000}, 72, ink);
  const ReadPdf file = read(canvas.pdf());
  // Half of W, i, g, g, l, y: (944 + 222 + 556 + 556 + 222 + 500) / 2000 of a font of 100 pixels.
  EXPECT_THAT(file.content, HasSubstr("/F 100 Tf")) << file.content;
  EXPECT_THAT(file.content, HasSubstr("1 0 0 -1 50 15000 Tm (Wiggly) Tj")) << file.content;
  EXPECT_THAT(file.content, HasSubstr("0.48 0 0 -0.48 0 14400 cm")) << file.content;
  EXPECT_THAT(file.object(3), HasSubstr("/MediaBox[0 0 192 14400]"));
}

}  // namespace
}  // namespace hdecomp
