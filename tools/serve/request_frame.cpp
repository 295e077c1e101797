/// A head ends with an empty line; Content-Length says how much comes after it.
#include "tools/serve/request_frame.h"

#include <algorithm>
#include <charconv>

#include "hdecomp/trimmed.h"

namespace hdecomp::tools {
namespace {

constexpr std::string_view line_end = "\r\n", head_end = "\r\n\r\n";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

int RequestFrame::take_in(std::string_view so_far, const RequestLimits& limits) {
  if (size_ > 0) return 0;
  // The last three bytes again: the end may have come in two parts.
  const size_t end = so_far.find(head_end, looked_at_ - std::min<size_t>(looked_at_, 3));
  looked_at_ = so_far.size();
  const size_t head = end == std::string_view::npos ? so_far.size() : end + head_end.size();
  if (head > limits.head_bytes) return 431;
  if (end == std::string_view::npos) return 0;
  const int refusal = read_head(so_far.substr(0, end + line_end.size()), limits);
  size_ = head + body_;
  return refusal;
}

int RequestFrame::read_head(std::string_view head, const RequestLimits& limits) {
  bool is_request_line = true;
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find(line_end));
    head.remove_prefix(line.size() + line_end.size());
    if (line.find('\n') != std::string_view::npos) return 400;  // a line's end to other readers
    const int refusal = is_request_line ? 0 : read_header(line, limits);
    if (refusal != 0) return refusal;
    is_request_line = false;
  }
  return 0;
}

int RequestFrame::read_header(std::string_view line, const RequestLimits& limits) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return 0;
  const std::string_view name = line.substr(0, colon),
                         value = trimmed(line.substr(colon + 1), " \t");
  if (same_name(name, "Transfer-Encoding")) return 411;
  if (same_name(name, "Expect")) expects_continue_ = same_name(value, "100-continue");
  if (!same_name(name, "Content-Length")) return 0;
  if (has_length_ || value.find_first_not_of("0123456789") != std::string_view::npos) return 400;
  has_length_ = true;
  const auto fault = std::from_chars(value.data(), value.data() + value.size(), body_).ec;
  if (fault == std::errc::invalid_argument) return 400;  // nothing
  return fault == std::errc() && body_ <= limits.body_bytes ? 0 : 413;
}

}  // namespace hdecomp::tools
