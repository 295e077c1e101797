/// What the server answers at which path.
#pragma once

#include "tools/serve/shared.h"

namespace hdecomp::tools {

/// Adds all routes to a server. What is given must outlive it. `any_host`: answer whatever name the
/// server is called by (it listens to other machines); else only names of this one.
void add_routes(HttpServer& server, EngineRoom& room, ImageStore& images, const ServeLimits& limits,
                bool any_host);

}  // namespace hdecomp::tools
