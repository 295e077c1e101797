/// The server's words for what it refuses.
#pragma once

#include <string>

namespace hdecomp::tools {

/// Why a request with this status was refused before any route saw it, for the client to read.
const char* reason(int status);

/// A whole answer with that reason, after which the connection is closed.
std::string refusal(int status);

/// A line that names flags of the command, for a client: its parameters have their names, without
/// the "--".
std::string of_parameters(const std::string& line);

}  // namespace hdecomp::tools
