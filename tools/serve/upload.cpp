/// From a request's body to a photograph that is kept.
#include "tools/serve/upload.h"

#include "tools/serve/faults.h"
#include "tools/serve/on_exit.h"
#include "tools/serve/question.h"

namespace hdecomp::tools {
namespace {

std::string shown_name(std::string name) {
  for (char& c : name) {
    if (static_cast<uint8_t>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return name.empty() ? "photograph" : name.substr(0, 120);
}

}  // namespace

void answer_upload(Shared& shared, const httplib::Request& request, httplib::Response& response,
                   const httplib::ContentReader& read) {
  if (request.is_multipart_form_data()) {
    throw HttpFault(415, "send the image file itself as the body");
  }
  const auto turning = static_cast<Turning>(number_parameter(request, "exif", 0, 0, 1));
  if (!shared.uploads.try_acquire()) throw HttpFault(503, "too many images at once; try again");
  const OnExit release([&] { shared.uploads.release(); });
  std::string body;
  const bool whole = read([&](const char* bytes, size_t count) {
    body.append(bytes, count);
    return true;
  });
  if (!whole) throw HttpFault(400, "the body did not come whole");
  const auto* data = reinterpret_cast<const uint8_t*>(body.data());
  const auto image =
      shared.decode({}, shown_name(parameter(request, "name")), {data, body.size()}, turning);
  send_json(response, [&](JsonWriter& json) {
    json.field("id", image->id);
    json.field("name", image->name);
    json.field("width", image->photo.width);
    json.field("height", image->photo.height);
    json.field("turned", image->photo.orientation != 1);  // and was taken so
  });
}

}  // namespace hdecomp::tools
