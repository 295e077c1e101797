/// Canvas as PDF, written here: a page of lines, text in Helvetica, JPEG pictures, one deflated
/// stream.
///
/// A library would do no less of this code: a canvas's five calls are five operators of PDF.
/// Debian's libhpdf is 0.8 MB more in every installation, and takes no text beyond its encodings;
/// libcairo is 1.3 MB with X11's libraries behind it.
#include <algorithm>
#include <array>
#include <cstdio>

#include "hdecomp/error.h"
#include "runtime/image/deflate.h"
#include "runtime/report/canvas.h"
#include "runtime/report/helvetica.h"
#include "runtime/report/utf8.h"
#include "runtime/report/vector_words.h"

namespace hdecomp {
namespace {

constexpr double points_of_pixel = 0.75;  // 96 pixels an inch, as browsers draw SVG
constexpr double longest_side = 14400;    // of a page, in points

/// A line of text as the font has it, and as it is.
struct PdfLine {
  std::string latin;   // Latin-1, with '?' for what the font lacks
  std::string spoken;  // UTF-16 in hexadecimal: what is copied and searched for
  int64_t width = 0;   // in thousandths of the font's size
  bool is_all = true;  // the font lacks nothing
};

std::u32string characters_of(const std::string& utf8) {
  std::u32string characters;
  for (const char c : utf8) {
    const auto byte = static_cast<uint8_t>(c);
    if ((byte & 0xc0u) == 0x80u) {
      characters.back() = characters.back() << 6u | (byte & 0x3fu);
    } else {
      const unsigned mask = byte < 0x80 ? 0x7f : byte < 0xe0 ? 0x1f : byte < 0xf0 ? 0x0f : 0x07;
      characters += byte & mask;
    }
  }
  return characters;
}

void append_utf16(std::string& hex, char32_t character) {
  std::array<unsigned, 2> units{static_cast<unsigned>(character)};
  size_t count = 1;
  if (character > 0xffff) {
    const auto rest = static_cast<unsigned>(character) - 0x10000u;
    units = {0xd800u + (rest >> 10u), 0xdc00u + (rest & 0x3ffu)};
    count = 2;
  }
  for (size_t i = 0; i < count; ++i) {
    char unit[9];
    std::snprintf(unit, sizeof unit, "%04X", units[i]);
    hex += unit;
  }
}

/// Control characters are left out.
PdfLine line_of(std::string_view words) {
  PdfLine line;
  for (const char32_t character : characters_of(repaired_utf8(words))) {
    const bool is_latin = character <= 0xff;
    const auto shown = static_cast<uint8_t>(is_latin ? character : U'?');
    if (helvetica_width(shown) == 0) continue;
    line.is_all &= is_latin;
    line.width += helvetica_width(shown);
    if (shown == '(' || shown == ')' || shown == '\\') line.latin += '\\';
    line.latin += static_cast<char>(shown);
    append_utf16(line.spoken, character);
  }
  return line;
}

/// "0.698 0.29 0.02": of 0 to 1, for an operator that comes after it.
std::string shares(Colour colour) {
  std::string text;
  for (const uint8_t part : colour) text += length_text(part / 255.0, 3) + " ";
  return text;
}

std::string at(Point point) { return length_text(point.x) + " " + length_text(point.y) + " "; }

std::string stroke_of(double width, Colour colour) {
  return joined(length_text(width), " w ", shares(colour), "RG ");
}

std::string deflated(const std::string& text) {
  std::string stream(most_deflated(text.size()), '\0');
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  stream.resize(deflate_to(reinterpret_cast<uint8_t*>(stream.data()), {bytes, text.size()}));
  return stream;
}

/// Objects one after the other, numbered from 1, and where each begins.
class PdfFile {
 public:
  void add(const std::string& body) {
    begins_.push_back(text_.size());
    text_ += joined(begins_.size(), " 0 obj\n", body, "\nendobj\n");
  }
  void add_stream(const std::string& entries, const std::string& bytes) {
    add(joined("<<", entries, "/Length ", bytes.size(), ">>\nstream\n", bytes, "\nendstream"));
  }
  /// The first object is the catalogue.
  std::string finished() const {
    std::string all = joined(text_, "xref\n0 ", begins_.size() + 1, "\n0000000000 65535 f \n");
    for (const size_t begin : begins_) {
      char row[32];
      std::snprintf(row, sizeof row, "%010zu 00000 n \n", begin);
      all += row;
    }
    return joined(all, "trailer\n<</Size ", begins_.size() + 1, "/Root 1 0 R>>\nstartxref\n",
                  text_.size(), "\n%%EOF");
  }

 private:
  std::string text_ = "%PDF-1.5\n%\xe2\xe3\xcf\xd3\n";  // bytes that say that it is no text
  std::vector<size_t> begins_;
};

}  // namespace

void PdfCanvas::line(Point from, Point to, double width, Colour colour) {
  content_ += joined(stroke_of(width, colour), at(from), "m ", at(to), "l S\n");
}

void PdfCanvas::curve(Point from, Point to, double width, Colour colour) {
  const double third = (to.y - from.y) / 3;
  content_ += joined(stroke_of(width, colour), at(from), "m ", at({from.x, from.y + third}),
                     at({to.x, to.y - third}), at(to), "c S\n");
}

void PdfCanvas::paste(const Image& image, int64_t y, int64_t x) {
  const int64_t height = image.height / fineness(), width = image.width / fineness();
  content_ += joined("q ", width, " 0 0 ", -height, " ", x, " ", y + height, " cm /I",
                     pictures_.size(), " Do Q\n");
  const std::vector<uint8_t> jpeg = encode_jpeg(image, embedded_quality);
  pictures_.push_back({image.height, image.width, std::string(jpeg.begin(), jpeg.end())});
}

void PdfCanvas::text(std::string_view words, Point at, double size, Colour colour, Align align) {
  const PdfLine line = line_of(words);
  const double font = size / capitals_of_font;
  if (align == Align::middle) at.x -= static_cast<double>(line.width) * font / 2000;
  const std::string shown =
      joined("BT /F ", length_text(font), " Tf ", shares(colour), "rg 1 0 0 -1 ", hdecomp::at(at),
             "Tm (", line.latin, ") Tj ET\n");
  content_ += line.is_all
                  ? shown
                  : joined("/Span <</ActualText <FEFF", line.spoken, ">>> BDC ", shown, "EMC\n");
}

std::string PdfCanvas::pdf() const {
  const auto longer = static_cast<double>(std::max(height_, width_));
  const double scale = std::min(points_of_pixel, longest_side / longer);
  const auto side = [&](int64_t pixels) {
    return length_text(static_cast<double>(pixels) * scale);
  };
  constexpr size_t first_picture = 6;  // the number of its object
  std::string pictures;
  for (size_t i = 0; i < pictures_.size(); ++i) {
    pictures += joined("/I", i, " ", first_picture + i, " 0 R");
  }
  PdfFile file;
  file.add("<</Type/Catalog/Pages 2 0 R>>");
  file.add("<</Type/Pages/Kids[3 0 R]/Count 1>>");
  file.add(joined("<</Type/Page/Parent 2 0 R/MediaBox[0 0 ", side(width_), " ", side(height_),
                  "]/Contents 5 0 R/Resources<</Font<</F 4 0 R>>/XObject<<", pictures, ">>>>>>"));
  file.add("<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>");
  const std::string factor = length_text(scale, 6);  // y goes down from the upper edge
  file.add_stream("/Filter/FlateDecode", deflated(joined(factor, " 0 0 -", factor, " 0 ",
                                                         side(height_), " cm 1 J\n", content_)));
  for (const Picture& picture : pictures_) {
    file.add_stream(
        joined("/Type/XObject/Subtype/Image/Width ", picture.width, "/Height ", picture.height,
               "/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode"),
        picture.jpeg);
  }
  return file.finished();
}

}  // namespace hdecomp
