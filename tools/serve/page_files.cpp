/// The page, its script and style, and the bundled photographs as answers.
#include "tools/serve/page_files.h"

#include "tools/page/report.h"
#include "tools/page/viewer_files.h"

namespace hdecomp::tools {
namespace {

using httplib::Request, httplib::Response;

/// A file inside the program, with a tag by which the browser asks whether it changed.
void add_static(HttpServer& server, const std::string& path, std::string content,
                const char* type) {
  const std::string tag = joined('"', std::hex, std::hash<std::string>()(content), '"');
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

}  // namespace

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

}  // namespace hdecomp::tools
