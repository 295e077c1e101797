/// The server's words for what it refuses before any route sees it.
#pragma once

#include <string>

namespace hdecomp::tools {

/// Why a request with this status was refused, for the client to read.
const char* reason(int status);

/// A whole answer with that reason, after which the connection is closed.
std::string refusal(int status);

}  // namespace hdecomp::tools
