/// Headers, hosts and faults.
#include "tools/serve/guard.h"

#include <arpa/inet.h>

#include "hdecomp/json_writer.h"
#include "tools/serve/faults.h"
#include "tools/serve/refusal.h"

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

/// "127.0.0.1", or "[::1]": an address that is no name.
bool is_address(const std::string& host) {
  in6_addr ignored{};
  if (!host.starts_with('[')) return inet_pton(AF_INET, host.c_str(), &ignored) == 1;
  return host.ends_with(']') &&
         inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &ignored) == 1;
}

/// Whether a client that asks `host` means this server, not a name that someone else has led here.
bool is_own_name(const std::string& host, const std::string& listens_at) {
  if (is_loopback(listens_at)) {
    return host == "localhost" || host == "127.0.0.1" || host == "[::1]" || host == listens_at;
  }
  // At all of the machine's addresses, which a forwarded port adds to: any address will do, because
  // a page's own host is an address only where that address is what was asked.
  if (listens_at == "0.0.0.0" || listens_at == "::") return host == "localhost" || is_address(host);
  return host == in_url(listens_at);
}

/// The one Host header is HOST:PORT. Browsers leave out port 80.
bool is_own_host(const Request& request, const HttpServer& server, const std::string& listens_at) {
  if (request.get_header_value_count("Host") != 1) return false;
  const std::string authority = request.get_header_value("Host");
  const std::string port = joined(":", server.port());
  if (authority.ends_with(port)) {
    return is_own_name(authority.substr(0, authority.size() - port.size()), listens_at);
  }
  return server.port() == 80 && is_own_name(authority, listens_at);
}

/// Whether the page that asks, if one does, is the server's own.
bool is_own_page(const Request& request) {
  const std::string origin = request.get_header_value("Origin");
  if (!origin.empty() && origin != "http://" + request.get_header_value("Host")) return false;
  const std::string site = request.get_header_value("Sec-Fetch-Site");
  return site.empty() || site == "same-origin" || site == "none";  // none: typed by the user
}

Handled guard(const Request& request, Response& response, const HttpServer& server,
              const std::string& listens_at) {
  if (!is_own_host(request, server, listens_at)) {
    send_fault(
        response, 403,
        joined("Host: this server answers as ", in_url(listens_at), ":", server.port(), " alone"));
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
    send_fault(response, 400, of_parameters(fault.what()));
  } catch (const std::bad_alloc&) {
    send_fault(response, 503, "out of memory");
  } catch (...) {
    send_fault(response, 500, "a fault of the server");
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

bool is_loopback(const std::string& host) {
  return host.starts_with("127.") || host == "localhost" || host == "::1";
}

std::string in_url(const std::string& host) {
  return host.find(':') == std::string::npos ? host : joined("[", host, "]");
}

void add_guard(HttpServer& server, const std::string& listens_at) {
  server.set_default_headers(
      {{"Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src "
        "'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
       {"Cross-Origin-Opener-Policy", "same-origin"},
       {"Cross-Origin-Resource-Policy", "same-origin"},
       {"Referrer-Policy", "no-referrer"},
       {"X-Content-Type-Options", "nosniff"}});
  server.set_pre_routing_handler([&server, listens_at](const Request& request, Response& response) {
    if (request.path.starts_with("/api/")) response.set_header("Cache-Control", "no-store");
    return guard(request, response, server, listens_at);
  });
  server.set_exception_handler([](const Request&, Response& response, std::exception_ptr fault) {
    answer_fault(response, fault);
  });
  server.set_error_handler(httplib::Server::Handler(
      [](const Request& request, Response& response) { explain_status(request, response); }));
}

}  // namespace hdecomp::tools
