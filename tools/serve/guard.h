/// What holds for every request: who may ask, the headers of every answer, faults as answers.
#pragma once

#include "tools/serve/http_server.h"

namespace hdecomp::tools {

/// Without `any_host` only requests to names of this machine are answered, so that no web page can
/// reach the server by a name of its own (DNS rebinding). Requests from other sites' pages are
/// refused.
void add_guard(HttpServer& server, bool any_host);

}  // namespace hdecomp::tools
