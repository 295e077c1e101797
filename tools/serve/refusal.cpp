/// Statuses and their reasons.
#include "tools/serve/refusal.h"

#include <regex>

#include "hdecomp/error.h"
#include "hdecomp/json_writer.h"

namespace hdecomp::tools {

const char* reason(int status) {
  switch (status) {
    case 404:
      return "there is nothing at this path";
    case 405:
      return "this path takes another method";
    case 408:
      return "the request did not come whole in time";
    case 411:
      return "a body must say its length (Content-Length)";
    case 413:
      return "the body is too large";
    case 414:
      return "the address is too long";
    case 417:
      return "the expectation cannot be met";
    case 431:
      return "the headers are too large";
    case 500:
      return "a fault of the server";
    case 503:
      return "too much at once; try again in a moment";
    default:
      return "the request is not understood";
  }
}

std::string refusal(int status) {
  const std::string body =
      json_object([&](JsonWriter& json) { json.field("error", reason(status)); });
  return joined("HTTP/1.1 ", status, " Refused\r\nContent-Type: application/json\r\n",
                "Content-Length: ", body.size(), "\r\nX-Content-Type-Options: nosniff\r\n",
                status == 503 ? "Retry-After: 1\r\n" : "", "Connection: close\r\n\r\n", body);
}

std::string of_parameters(const std::string& line) {
  static const std::regex flag("(^| )--(?=[a-z])");
  return std::regex_replace(line, flag, "$1");
}

}  // namespace hdecomp::tools
