/// What holds for every request: who may ask, the headers of every answer, faults as answers.
#pragma once

#include "tools/serve/http_server.h"

namespace hdecomp::tools {

/// Whether a host to listen at is reached from this machine alone.
bool is_loopback(const std::string& host);
/// As a URL has it: IPv6 addresses in brackets.
std::string in_url(const std::string& host);

/// Only requests whose Host is the one that the server listens at, with its port, are answered, so
/// that no web page can reach the server by a name of its own (DNS rebinding). Requests from other
/// sites' pages are refused.
void add_guard(HttpServer& server, const std::string& listens_at);

}  // namespace hdecomp::tools
