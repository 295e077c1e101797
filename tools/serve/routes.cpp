/// Routes: exact paths alone, none of which names a file.
#include "tools/serve/routes.h"

#include <semaphore>

#include "tools/page/report.h"
#include "tools/page/viewer_files.h"
#include "tools/serve/answers.h"
#include "tools/serve/faults.h"
#include "tools/serve/guard.h"
#include "tools/serve/stream.h"

namespace hdecomp::tools {
namespace {

using httplib::Request, httplib::Response, httplib::DataSink;

constexpr int64_t page_side = 448;  // pixels of the photograph on the page
constexpr const char* json_type = "application/json";

/// Everything that the handlers use.
struct Desk {
  HttpServer& server;
  EngineRoom& room;
  ImageStore& images;
  ServeLimits limits;
  std::counting_semaphore<64> uploads, decoders;

  Desk(HttpServer& http, EngineRoom& engines, ImageStore& store, const ServeLimits& given)
      : server(http),
        room(engines),
        images(store),
        limits(given),
        uploads(given.uploads),
        decoders(given.decoders) {}

  std::shared_ptr<const StoredImage> decode(std::string id, const std::string& name,
                                            std::span<const uint8_t> bytes) {
    decoders.acquire();
    const std::shared_ptr<void> release(nullptr, [this](void*) { decoders.release(); });
    StoredImage image{std::move(id), name, Image::decode(bytes, name, limits.pixels), {}};
    image.view = EvidencePainter(image.photo, room.model(), page_side).view();
    return images.add(std::move(image));
  }

  /// An upload, or a bundled photograph by its name. Throws HttpFault 404.
  std::shared_ptr<const StoredImage> image(const std::string& id) {
    if (auto stored = images.find(id)) return stored;
    for (const BundledPhoto& photo : bundled_photos()) {
      if (photo.name != id) continue;
      const auto* data = reinterpret_cast<const uint8_t*>(photo.bytes.data());
      return decode(photo.name, photo.name, {data, photo.bytes.size()});
    }
    throw HttpFault(404, "image: it is not here, or no more; send it again");
  }
};

std::string shown_name(std::string name) {
  for (char& c : name) {
    if (static_cast<uint8_t>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return name.empty() ? "photograph" : name.substr(0, 120);
}

void send_json(Response& response, const PageJson& json) {
  response.set_content(dump(json), json_type);
}

/// A file to save; the browser may not take it for a page of this server.
void send_file(Response& response, std::string content, const char* name, const char* type) {
  response.set_header("Content-Disposition", text("attachment; filename=\"", name, "\""));
  response.set_content(std::move(content), type);
}

PageJson info_json(const EngineRoom& room, const ServeLimits& limits) {
  const Model& model = room.model();
  PageJson info{{"version", HDECOMP_VERSION},
                {"arch", model.arch()},
                {"input", model.preprocess().crop},
                {"devices", room.devices()}};
  info["stages"] = PageJson::array();
  for (const LayerInfo& stage : stages_of(model)) info["stages"].push_back(stage.stage);
  info["classes"] = PageJson::array();
  for (int64_t i = 0; i < model.class_count(); ++i) info["classes"].push_back(model.class_name(i));
  info["photos"] = PageJson::array();
  for (const BundledPhoto& photo : bundled_photos()) info["photos"].push_back(photo.name);
  info["limits"] = {{"bytes", static_cast<int64_t>(limits.body_bytes)}, {"pixels", limits.pixels}};
  return info;
}

void answer_explain(Desk& desk, const Request& request, Response& response) {
  const Question question = question_of(request, desk.room.model());
  const auto image = desk.image(question.image);
  response.set_chunked_content_provider("application/x-ndjson",
                                        [&desk, image, question](size_t, DataSink& sink) {
                                          stream_explanation(desk.room, *image, question, sink);
                                          sink.done();
                                          return true;
                                        });
}

/// Runs work until its client is gone, the server stops, or its time is up.
void run(Desk& desk, const std::string& device, const EngineRoom::Work& work) {
  desk.room.run(device, HttpServer::client_is_gone, work);
}

/// With a channel: that one as evidence; without: the decision's own step.
void answer_decompose(Desk& desk, const Request& request, Response& response) {
  const auto image = desk.image(parameter(request, "image"));
  const std::string from = parameter(request, "from");
  const int channel = number_parameter(request, "channel", -1, 0, std::numeric_limits<int>::max());
  const int top = number_parameter(request, "top", 3, 1, 20);
  PageJson result;
  run(desk, parameter(request, "device"), [&](Explainer& explainer, Turn&) {
    result = channel < 0 ? decompose_decision(explainer, *image, from, top)
                         : decompose_channel(explainer, *image, {from, channel}, top);
  });
  send_json(response, result);
}

/// One of the files that the command would write.
void answer_file(Desk& desk, const Request& request, Response& response) {
  const Question question = question_of(request, desk.room.model());
  const auto image = desk.image(question.image);
  std::string content;
  Tree tree;
  const bool is_report = request.path == "/api/report.html";
  run(desk, question.device, [&](Explainer& explainer, Turn& turn) {
    tree = explain_whole(explainer, turn, *image, question);
    if (is_report) content = report_with_additions(explainer, turn, tree, *image, question);
  });
  if (is_report) return send_file(response, content, "report.html", "application/octet-stream");
  if (request.path == "/api/tree.json") {
    return send_file(response, to_json(tree, 1) + "\n", "tree.json", json_type);
  }
  const std::vector<uint8_t> png = encode_png(draw_pyramid(tree, image->photo, desk.room.model()));
  send_file(response, {png.begin(), png.end()}, "pyramid.png", "image/png");
}

void answer_upload(Desk& desk, const Request& request, Response& response,
                   const httplib::ContentReader& read) {
  if (request.is_multipart_form_data()) {
    throw HttpFault(415, "send the image file itself as the body");
  }
  if (!desk.uploads.try_acquire()) throw HttpFault(503, "too many images at once; try again");
  const std::shared_ptr<void> release(nullptr, [&](void*) { desk.uploads.release(); });
  std::string body;
  const bool whole = read([&](const char* bytes, size_t count) {
    if (body.size() + count > desk.limits.body_bytes) return false;
    body.append(bytes, count);
    return true;
  });
  if (!whole) {
    const bool large = response.status == 413 || body.size() + 65536 > desk.limits.body_bytes;
    throw HttpFault(
        large ? 413 : 400,
        large ? text("an image file of at most ", desk.limits.body_bytes >> 20, " MiB can be sent")
              : "the body did not come whole");
  }
  const auto* data = reinterpret_cast<const uint8_t*>(body.data());
  const auto image = desk.decode({}, shown_name(parameter(request, "name")), {data, body.size()});
  send_json(response, {{"id", image->id},
                       {"name", image->name},
                       {"width", image->photo.width},
                       {"height", image->photo.height}});
}

/// A file inside the program, with a tag by which the browser asks whether it changed.
void add_static(HttpServer& server, const std::string& path, std::string content,
                const char* type) {
  const std::string tag = text('"', std::hex, std::hash<std::string>()(content), '"');
  server.Get(path,
             [content = std::move(content), tag, type](const Request& request, Response& response) {
               response.set_header("Cache-Control", "no-cache");
               response.set_header("ETag", tag);
               if (request.get_header_value("If-None-Match") == tag) {
                 response.status = 304;
                 return;
               }
               response.set_content(content, type);
             });
}

void add_page(HttpServer& server) {
  add_static(server, "/", server_html(), "text/html; charset=utf-8");
  add_static(server, R"(/viewer\.js)", std::string(viewer_script()),
             "text/javascript; charset=utf-8");
  add_static(server, R"(/viewer\.css)", std::string(viewer_style()), "text/css; charset=utf-8");
  for (const BundledPhoto& photo : bundled_photos()) {
    const std::string stem = photo.name.substr(0, photo.name.find('.'));
    add_static(server, "/photos/" + stem + R"(\.jpg)", std::string(photo.bytes), "image/jpeg");
  }
}

}  // namespace

void add_routes(HttpServer& server, EngineRoom& room, ImageStore& images, const ServeLimits& limits,
                bool any_host) {
  add_guard(server, any_host);
  server.set_payload_max_length(limits.body_bytes);
  add_page(server);
  const auto desk = std::make_shared<Desk>(server, room, images, limits);
  const auto get = [&](const std::string& path, auto answer) {
    server.Get(path, [desk, answer](const Request& request, Response& response) {
      answer(*desk, request, response);
    });
  };
  get("/api/info", [](Desk& d, const Request&, Response& response) {
    send_json(response, info_json(d.room, d.limits));
  });
  get("/api/explain", answer_explain);
  get("/api/decompose", answer_decompose);
  for (const char* path : {R"(/api/tree\.json)", R"(/api/report\.html)", R"(/api/pyramid\.png)"}) {
    get(path, answer_file);
  }
  server.Post("/api/images", [desk](const Request& request, Response& response,
                                    const httplib::ContentReader& read) {
    answer_upload(*desk, request, response, read);
  });
}

}  // namespace hdecomp::tools
