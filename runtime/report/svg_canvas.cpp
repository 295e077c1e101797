/// Canvas as SVG.
#include <cstdio>

#include "hdecomp/base64.h"
#include "hdecomp/error.h"
#include "runtime/report/canvas.h"
#include "runtime/report/utf8.h"
#include "runtime/report/vector_words.h"

namespace hdecomp {
namespace {

std::string hex(Colour colour) {
  char name[8];
  std::snprintf(name, sizeof name, "#%02x%02x%02x", colour[0], colour[1], colour[2]);
  return name;
}

/// Text between tags; characters that XML has none for are left out.
std::string escaped(std::string_view words) {
  std::string whole = repaired_utf8(words), text;
  for (const char* none : {"\xef\xbf\xbe", "\xef\xbf\xbf"}) {  // U+FFFE, U+FFFF
    for (size_t at = 0; (at = whole.find(none, at)) != whole.npos;) whole.erase(at, 3);
  }
  for (const char c : whole) {
    if (c == '<') {
      text += "&lt;";
    } else if (c == '>') {  // "]]>" must not be
      text += "&gt;";
    } else if (c == '&') {
      text += "&amp;";
    } else if (static_cast<uint8_t>(c) >= 0x20) {
      text += c;
    }
  }
  return text;
}

std::string stroke(double width, Colour colour) {
  return joined("\" stroke-width=\"", length_text(width), "\" stroke=\"", hex(colour), "\"/>\n");
}

}  // namespace

SvgCanvas::SvgCanvas(int64_t height, int64_t width)
    : svg_(joined("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"", width, "\" height=\"",
                  height, "\" viewBox=\"0 0 ", width, " ", height,
                  "\" fill=\"none\" stroke-linecap=\"round\" "
                  "font-family=\"Helvetica, Arial, sans-serif\">\n<rect width=\"",
                  width, "\" height=\"", height, "\" fill=\"#fff\"/>\n")) {}

void SvgCanvas::line(Point from, Point to, double width, Colour colour) {
  svg_ += joined("<path d=\"M", length_text(from.x), " ", length_text(from.y), "L",
                 length_text(to.x), " ", length_text(to.y), stroke(width, colour));
}

/// With its middle points above and below each other x is the smoothstep of y that pixels have.
void SvgCanvas::curve(Point from, Point to, double width, Colour colour) {
  const double third = (to.y - from.y) / 3;
  svg_ += joined("<path d=\"M", length_text(from.x), " ", length_text(from.y), "C",
                 length_text(from.x), " ", length_text(from.y + third), " ", length_text(to.x), " ",
                 length_text(to.y - third), " ", length_text(to.x), " ", length_text(to.y),
                 stroke(width, colour));
}

void SvgCanvas::paste(const Image& image, int64_t y, int64_t x) {
  svg_ += joined("<image x=\"", x, "\" y=\"", y, "\" width=\"", image.width / fineness(),
                 "\" height=\"", image.height / fineness(),
                 "\" preserveAspectRatio=\"none\" href=\"data:image/jpeg;base64,",
                 base64(encode_jpeg(image, embedded_quality)), "\"/>\n");
}

void SvgCanvas::text(std::string_view words, Point at, double size, Colour colour, Align align) {
  svg_ += joined("<text x=\"", length_text(at.x), "\" y=\"", length_text(at.y), "\" font-size=\"",
                 length_text(size / capitals_of_font), "\" fill=\"", hex(colour),
                 align == Align::middle ? "\" text-anchor=\"middle\">" : "\">", escaped(words),
                 "</text>\n");
}

}  // namespace hdecomp
