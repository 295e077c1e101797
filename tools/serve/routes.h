/// What the server answers at which path.
#pragma once

#include <string>

#include "tools/serve/engine_room.h"
#include "tools/serve/http_server.h"
#include "tools/serve/image_store.h"

namespace hdecomp::tools {

struct ServeLimits {
  size_t body_bytes = size_t{20} << 20;
  int64_t pixels = int64_t{40} * 1000 * 1000;  // of a photograph
  size_t kept_bytes = size_t{256} << 20;       // of all photographs' pixels
  int uploads = 8;                             // at once
  int decoders = 2;                            // photographs decoded at once
};

/// Adds all routes to a server. What is given must outlive it. `any_host`: answer whatever name the
/// server is called by (it listens to other machines); else only names of this one.
void add_routes(HttpServer& server, EngineRoom& room, ImageStore& images, const ServeLimits& limits,
                bool any_host);

}  // namespace hdecomp::tools
