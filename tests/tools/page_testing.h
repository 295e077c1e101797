/// What tests read out of the page's data.
#pragma once

#include "tests/tools/command_testing.h"

namespace hdecomp::command_testing {

/// The explanation inside a report.
inline Json page_of(const std::string& report) {
  const std::string begin = "<script type=\"application/json\" id=\"explanation\">";
  const size_t at = report.find(begin) + begin.size();
  return parse_json(report.substr(at, report.find("</script>", at) - at));
}

inline std::vector<uint8_t> from_base64(const std::string& text) {
  static const std::string alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<uint8_t> bytes;
  uint32_t group = 0, bits = 0;
  for (const char c : text) {
    const size_t value = alphabet.find(c);
    if (value == std::string::npos) break;
    group = group << 6 | static_cast<uint32_t>(value);
    if ((bits += 6) >= 8) bytes.push_back(static_cast<uint8_t>(group >> (bits -= 8) & 255u));
  }
  return bytes;
}

/// The picture of a saliency map on the page: a PNG file.
inline std::string picture_of(const Json& map) {
  const std::string data = map["picture"], begin = "data:image/png;base64,";
  if (!data.starts_with(begin)) return "";
  const std::vector<uint8_t> bytes = from_base64(data.substr(begin.size()));
  return {bytes.begin(), bytes.end()};
}

}  // namespace hdecomp::command_testing
