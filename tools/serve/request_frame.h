/// Where a request ends, told from its bytes as they come.
#pragma once

#include <cstddef>
#include <string_view>

namespace hdecomp::tools {

struct RequestLimits {
  size_t head_bytes = size_t{32} << 10;  // of the request line and all headers
  size_t body_bytes = size_t{20} << 20;
};

class RequestFrame {
 public:
  /// Takes in what has come of the request: all of it, each time. Returns 0, or the HTTP status
  /// that refuses it: 400 for a head that could be read in two ways, 411 for a body without a
  /// length, 413 and 431 for too much.
  int take_in(std::string_view so_far, const RequestLimits& limits);

  /// The whole request's bytes, its body included; 0 until its head is there.
  size_t size() const { return size_; }
  /// The client waits for "100 Continue" ahead of its body.
  bool expects_continue() const { return expects_continue_; }

 private:
  int read_head(std::string_view head, const RequestLimits& limits);
  /// One header, without its end of line.
  int read_header(std::string_view line, const RequestLimits& limits);

  size_t looked_at_ = 0;  // bytes in which the head does not end
  size_t size_ = 0;
  size_t body_ = 0;
  bool has_length_ = false, expects_continue_ = false;
};

}  // namespace hdecomp::tools
