/// What the server answers at which path.
#pragma once

#include "tools/serve/shared.h"

namespace hdecomp::tools {

/// Adds all routes to a server that will listen at a host. What is given must outlive it.
void add_routes(HttpServer& server, EngineRoom& room, ImageStore& images, const ServeLimits& limits,
                const std::string& listens_at, ShownBeside beside = {});

}  // namespace hdecomp::tools
