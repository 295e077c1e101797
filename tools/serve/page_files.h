/// The page's own files, which lie inside the program.
#pragma once

#include "tools/serve/http_server.h"

namespace hdecomp::tools {

/// Adds the page, its script and style, and the bundled photographs.
void add_page(HttpServer& server);

}  // namespace hdecomp::tools
