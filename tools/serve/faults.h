/// Why the server gives no answer, as the HTTP status that says so.
#pragma once

#include "hdecomp/error.h"

namespace hdecomp::tools {

class HttpFault : public Error {
 public:
  HttpFault(int code, const std::string& what) : Error(what), status(code) {}

  int status;
};

/// The client went away, or the server stops: there is no one to answer.
class Cancelled : public HttpFault {
 public:
  Cancelled() : HttpFault(503, "cancelled") {}
};

}  // namespace hdecomp::tools
