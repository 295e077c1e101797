/// Routes: exact paths alone, none of which names a file.
#include "tools/serve/routes.h"

#include <functional>
#include <ranges>

#include "hdecomp/version.h"
#include "tools/page/page_data.h"
#include "tools/page/report.h"
#include "tools/page/viewer_files.h"
#include "tools/serve/answers.h"
#include "tools/serve/attack_answer.h"
#include "tools/serve/guard.h"
#include "tools/serve/page_files.h"
#include "tools/serve/report_answer.h"
#include "tools/serve/shared.h"
#include "tools/serve/stream.h"
#include "tools/serve/target.h"
#include "tools/serve/upload.h"
#include "tools/serve/what_if_answer.h"

namespace hdecomp::tools {
namespace {

using httplib::Request, httplib::Response, httplib::DataSink;

/// A file to save; the browser may not take it for a page of this server.
void send_file(Response& response, std::string content, const char* name, const char* type) {
  response.set_header("Content-Disposition", joined("attachment; filename=\"", name, "\""));
  response.set_content(std::move(content), type);
}

template <class List, class TextOf>
void put_names(JsonWriter& json, const char* name, const List& list, const TextOf& text_of) {
  json.key(name);
  json.begin_array();
  for (const auto& each : list) json.value(text_of(each));
  json.end();
}

void put_info(JsonWriter& json, const EngineRoom& room, const ServeLimits& limits) {
  const Model& model = room.model();
  json.field("version", HDECOMP_VERSION);
  json.field("arch", model.arch());
  put_input(json, model);
  put_names(json, "devices", room.devices(), std::identity());
  put_names(json, "stages", model.stages(), std::identity());
  put_names(json, "classes", std::views::iota(int64_t{0}, model.class_count()),
            [&](int64_t i) { return model.class_name(i); });
  put_names(json, "saliency", saliency_methods, std::identity());
  put_names(json, "photos", bundled_photos(), [](const BundledPhoto& photo) { return photo.name; });
  json.key("limits");
  json.begin_object();
  json.field("bytes", static_cast<int64_t>(limits.body_bytes));
  json.field("pixels", limits.pixels);
  json.end();
}

/// With what the server knows of the channels.
Question question_for(const Shared& shared, const Request& request) {
  Question question = question_of(request, shared.room.model());
  question.options.concepts = shared.beside.concepts;
  return question;
}

using AnswerInParts = void (*)(Engine&, Turn&, const StoredImage&, Question,
                               const std::function<void(std::string line)>& hand_out);

/// Line by line, as `make` hands them out on the engine's thread.
void stream_answer(Shared& shared, const std::string& device, Response& response, MakeParts make) {
  response.set_chunked_content_provider(
      "application/x-ndjson", [&shared, device, make = std::move(make)](size_t, DataSink& sink) {
        stream_parts(shared.room, device, make, sink);
        sink.done();
        return true;
      });
}

template <AnswerInParts in_parts>
void answer_in_parts(Shared& shared, const Request& request, Response& response) {
  const Question question = question_for(shared, request);
  const auto image = shared.image(question.image);
  stream_answer(shared, question.device, response,
                [image, question](Engine& engine, Turn& turn, const auto& hand_out) {
                  in_parts(engine, turn, *image, question, hand_out);
                });
}

/// Runs work until its client is gone, the server stops, or its time is up.
void run(Shared& shared, const std::string& device, const EngineRoom::Work& work) {
  shared.room.run(device, HttpServer::client_is_gone, work);
}

/// With a channel: that one as evidence; without: the decision's own step.
void answer_decompose(Shared& shared, const Request& request, Response& response) {
  const Question question = step_question_of(request, shared.room.model());
  const auto image = shared.image(question.image);
  const std::string from = parameter(request, "from");
  const int channel = number_parameter(request, "channel", -1, 0, std::numeric_limits<int>::max());
  std::string result;
  run(shared, question.device, [&](Engine& engine, Turn&) {
    result = channel < 0 ? decompose_decision(engine, *image, from, question)
                         : decompose_channel(engine, *image, {from, channel}, question);
  });
  response.set_content(result, json_type);
}

void answer_what_if(Shared& shared, const Request& request, Response& response) {
  const WhatIfQuestion question = what_if_question_of(request, shared.room.model());
  const auto image = shared.image(question.about.image);
  std::string result;
  run(shared, question.about.device,
      [&](Engine& engine, Turn& turn) { result = what_if_answer(engine, turn, *image, question); });
  response.set_content(result, json_type);
}

/// The attacked photograph is kept as an upload is.
void answer_attack(Shared& shared, const Request& request, Response& response) {
  const AttackQuestion question = attack_question_of(request, shared.room.model());
  const auto image = shared.image(question.image);
  const auto keep = [&shared](const std::string& name, const Image& attacked) {
    return shared.keep({}, name, attacked);
  };
  stream_answer(shared, question.device, response,
                [&shared, image, question, keep](Engine& engine, Turn& turn, const auto& hand_out) {
                  attack_in_parts(engine, turn, *image, question,
                                  {shared.beside.concepts.get(), keep}, hand_out);
                });
}

/// Those of one channel.
void answer_patches(Shared& shared, const Request& request, Response& response) {
  const auto image = shared.image(parameter(request, "image"));
  const std::string layer = parameter(request, "layer");
  const int channel = number_parameter(request, "channel", 0, 0, std::numeric_limits<int>::max());
  send_json(response, [&](JsonWriter& json) {
    json.key("patches");
    put_patches(json, shared.beside.patches, layer, channel, image->pixels);
  });
}

/// One of the files that the command would write.
void answer_file(Shared& shared, const Request& request, Response& response) {
  Question question = question_for(shared, request);
  const auto image = shared.image(question.image);
  std::string content;
  Tree tree;
  const bool is_report = request.path == "/api/report.html";
  run(shared, question.device, [&](Engine& engine, Turn& turn) {
    Explainer& explainer = explainer_for(engine, *image, question);
    tree = explain_whole(explainer, turn, *image, question);
    if (is_report)
      content =
          report_with_additions(explainer, turn, tree, *image, question, shared.beside.patches);
  });
  if (is_report) return send_file(response, content, "report.html", "application/octet-stream");
  if (request.path == "/api/tree.json") {
    return send_file(response, to_json(tree, 1) + "\n", "tree.json", json_type);
  }
  const Model& model = shared.room.model();
  if (request.path == "/api/pyramid.svg") {
    return send_file(response, pyramid_svg(tree, image->photo, model, question.colours),
                     "pyramid.svg", "image/svg+xml");
  }
  if (request.path == "/api/pyramid.pdf") {
    return send_file(response, pyramid_pdf(tree, image->photo, model, question.colours),
                     "pyramid.pdf", "application/pdf");
  }
  const std::vector<uint8_t> png =
      encode_png(draw_pyramid(tree, image->photo, model, question.colours));
  send_file(response, {png.begin(), png.end()}, "pyramid.png", "image/png");
}

}  // namespace

void add_routes(HttpServer& server, EngineRoom& room, ImageStore& images, const ServeLimits& limits,
                const std::string& listens_at, ShownBeside beside) {
  add_guard(server, listens_at);
  server.set_payload_max_length(limits.body_bytes);
  add_page(server);
  const auto shared = std::make_shared<Shared>(server, room, images, limits, std::move(beside));
  const auto get = [&](const std::string& path, auto answer) {
    server.Get(path, [shared, answer](const Request& request, Response& response) {
      answer(*shared, request, response);
    });
  };
  get("/api/info", [](Shared& d, const Request&, Response& response) {
    send_json(response, [&](JsonWriter& json) {
      put_info(json, d.room, d.limits);
      json.field("patches", !d.beside.patches.empty());
    });
  });
  get("/api/explain", answer_in_parts<explain_in_parts>);
  get("/api/saliency", answer_in_parts<saliency_in_parts>);
  get("/api/decompose", answer_decompose);
  get("/api/patches", answer_patches);
  get("/api/what-if", answer_what_if);
  get("/api/attack", answer_attack);
  for (const char* path : {R"(/api/tree\.json)", R"(/api/report\.html)", R"(/api/pyramid\.png)",
                           R"(/api/pyramid\.svg)", R"(/api/pyramid\.pdf)"}) {
    get(path, answer_file);
  }
  server.Post("/api/images", [shared](const Request& request, Response& response,
                                      const httplib::ContentReader& read) {
    answer_upload(*shared, request, response, read);
  });
}

}  // namespace hdecomp::tools
