/// What the server's answers share, and the photographs that they are about.
#pragma once

#include <functional>
#include <memory>
#include <semaphore>
#include <span>
#include <string>

#include "hdecomp/decode_ahead.h"
#include "hdecomp/hdecomp.h"
#include "hdecomp/json_writer.h"
#include "tools/page/shown_beside.h"
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

struct Shared {
  Shared(HttpServer& http, EngineRoom& engines, ImageStore& store, const ServeLimits& given,
         ShownBeside shown);

  /// Keeps a photograph; no more than a few are decoded at once. Throws UserError as Image::decode.
  std::shared_ptr<const StoredImage> decode(std::string id, const std::string& name,
                                            std::span<const uint8_t> bytes,
                                            Turning turning = Turning::as_stored);
  /// Keeps an image under an id, or a new one where that is empty.
  std::shared_ptr<const StoredImage> keep(std::string id, const std::string& name, Image photo);
  /// An upload, or a bundled photograph by its name. Throws HttpFault 404.
  std::shared_ptr<const StoredImage> image(const std::string& id);

  HttpServer& server;
  EngineRoom& room;
  ImageStore& images;
  ServeLimits limits;
  const ShownBeside beside;
  std::counting_semaphore<64> uploads, decoders;
};

inline constexpr const char* json_type = "application/json";

/// An object, whose members `put_members` writes.
void send_json(httplib::Response& response, const std::function<void(JsonWriter&)>& put_members);

}  // namespace hdecomp::tools
