/// JSON to text.
#include "tools/console/json_text.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace hdecomp::tools {

std::string json_text(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void to_stdout(std::string_view piece) { std::fwrite(piece.data(), 1, piece.size(), stdout); }

}  // namespace hdecomp::tools
