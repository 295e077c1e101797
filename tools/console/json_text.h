/// JSON as the command prints it; compiled once.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace hdecomp::tools {

/// In one line; bytes that are no UTF-8 (of file names) are replaced.
std::string json_text(const nlohmann::ordered_json& json);

/// Takes text to stdout. main() tells of a full disk.
void to_stdout(std::string_view piece);

}  // namespace hdecomp::tools
