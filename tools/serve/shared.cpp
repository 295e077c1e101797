/// Photographs by upload or name, and answers in JSON.
#include "tools/serve/shared.h"

#include "tools/page/page_data.h"
#include "tools/page/viewer_files.h"
#include "tools/serve/faults.h"
#include "tools/serve/on_exit.h"

namespace hdecomp::tools {
Shared::Shared(HttpServer& http, EngineRoom& engines, ImageStore& store, const ServeLimits& given,
               ShownBeside shown)
    : server(http),
      room(engines),
      images(store),
      limits(given),
      beside(std::move(shown)),
      uploads(given.uploads),
      decoders(given.decoders) {}

std::shared_ptr<const StoredImage> Shared::decode(std::string id, const std::string& name,
                                                  std::span<const uint8_t> bytes, Turning turning) {
  decoders.acquire();
  const OnExit release([this] { decoders.release(); });
  Image photo = Image::decode(bytes, name, limits.pixels);
  if (turning == Turning::upright) photo = upright(std::move(photo));
  return keep(std::move(id), name, std::move(photo));
}

std::shared_ptr<const StoredImage> Shared::keep(std::string id, const std::string& name,
                                                Image photo) {
  StoredImage image{std::move(id), name, std::move(photo), {}, 0};
  image.view = EvidencePainter(image.photo, room.model(), page_side).view();
  if (!beside.patches.empty()) image.pixels = pixel_number(image.photo);
  return images.add(std::move(image));
}

std::shared_ptr<const StoredImage> Shared::image(const std::string& id) {
  if (auto stored = images.find(id)) return stored;
  for (const BundledPhoto& photo : bundled_photos()) {
    if (photo.name != id) continue;
    const auto* data = reinterpret_cast<const uint8_t*>(photo.bytes.data());
    return decode(photo.name, photo.name, {data, photo.bytes.size()});
  }
  throw HttpFault(404, "image: it is not here, or no more; send it again");
}

void send_json(httplib::Response& response, const std::function<void(JsonWriter&)>& put_members) {
  response.set_content(json_object(put_members), json_type);
}

}  // namespace hdecomp::tools
