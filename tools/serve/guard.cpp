/// Headers, hosts and faults.
#include "tools/serve/guard.h"

#include "hdecomp/json_writer.h"
#include "tools/serve/faults.h"

namespace hdecomp::tools {
namespace {

using httplib::Request, httplib::Response;
using Handled = httplib::Server::HandlerResponse;

void send_fault(Response& response, int status, const std::string& what) {
  response.status = status;
  if (status == 503) response.set_header("Retry-After", "1");
  response.set_content(json_object([&](JsonWriter& json) { json.field("error", what); }),
                       "application/json");
}

/// "localhost:8765" and "[::1]:8765" without the port.
std::string host_of(const std::string& authority) {
  const size_t colon = authority.rfind(':');
  const bool has_port =
      colon != std::string::npos && authority.find(']', colon) == std::string::npos;
  return authority.substr(0, has_port ? colon : std::string::npos);
}

bool names_this_machine(const std::string& host) {
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

/// Whether the page that asks, if one does, is the server's own.
bool is_own_page(const Request& request) {
  const std::string origin = request.get_header_value("Origin");
  if (!origin.empty() && origin != "http://" + request.get_header_value("Host")) return false;
  return request.get_header_value("Sec-Fetch-Site") != "cross-site";
}

Handled guard(const Request& request, Response& response, bool any_host) {
  if (!any_host && !names_this_machine(host_of(request.get_header_value("Host")))) {
    send_fault(response, 403, "Host: this server answers as localhost or 127.0.0.1 alone");
  } else if (!is_own_page(request)) {
    send_fault(response, 403, "Origin: this server answers its own page alone");
  } else if (request.has_header("Content-Encoding")) {
    send_fault(response, 415, "Content-Encoding: send the image file as it is");
  } else {
    return Handled::Unhandled;
  }
  return Handled::Handled;
}

void answer_fault(Response& response, const std::exception_ptr& caught) {
  try {
    std::rethrow_exception(caught);
  } catch (const HttpFault& fault) {
    send_fault(response, fault.status, fault.what());
  } catch (const UserError& fault) {
    send_fault(response, 400, fault.what());
  } catch (const std::bad_alloc&) {
    send_fault(response, 503, "out of memory");
  } catch (...) {
    send_fault(response, 500, "a fault of the server");
  }
}

const char* reason(int status) {
  switch (status) {
    case 404:
      return "there is nothing at this path";
    case 405:
      return "this path takes another method";
    case 413:
      return "the body is too large";
    case 414:
      return "the address is too long";
    case 417:
      return "the expectation cannot be met";
    case 500:
      return "a fault of the server";
    default:
      return "the request is not understood";
  }
}

/// httplib's own refusals, which have no body; and 405 where only the method is wrong.
void explain_status(const Request& request, Response& response) {
  if (!response.body.empty()) return;
  const bool is_upload = request.path == "/api/images", is_api = request.path.starts_with("/api/");
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (response.status == 404 && (is_upload || (!reads && (is_api || request.path == "/")))) {
    response.status = 405;
    response.set_header("Allow", is_upload ? "POST" : "GET, HEAD");
  }
  send_fault(response, response.status, reason(response.status));
}

}  // namespace

void add_guard(HttpServer& server, bool any_host) {
  server.set_default_headers(
      {{"Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src "
        "'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
       {"Cross-Origin-Opener-Policy", "same-origin"},
       {"Cross-Origin-Resource-Policy", "same-origin"},
       {"Referrer-Policy", "no-referrer"},
       {"X-Content-Type-Options", "nosniff"}});
  server.set_pre_routing_handler([any_host](const Request& request, Response& response) {
    if (request.path.starts_with("/api/")) response.set_header("Cache-Control", "no-store");
    return guard(request, response, any_host);
  });
  server.set_exception_handler([](const Request&, Response& response, std::exception_ptr fault) {
    answer_fault(response, fault);
  });
  server.set_error_handler(httplib::Server::Handler(
      [](const Request& request, Response& response) { explain_status(request, response); }));
}

}  // namespace hdecomp::tools
