/// The life of a connection: requests one after another, none of them for long.
#include "tools/serve/http_server.h"

#include <sys/socket.h>
#include <unistd.h>

namespace hdecomp::tools {
namespace {

constexpr size_t threads = 64;      // most requests at once; most of them wait for the engine
constexpr int most_requests = 100;  // of one connection
constexpr int refused = 400;
constexpr int backlog = 512;  // connections that wait to be accepted

/// Whether this thread's last answer refused its request, whose body may be unread then.
thread_local bool was_refused = false;
thread_local const Connection* current = nullptr;  // of this thread's request

}  // namespace

HttpServer::HttpServer(const ConnectionLimits& limits) : limits_(limits) {
  new_task_queue = [] { return new httplib::ThreadPool(threads); };  // httplib deletes it
  set_tcp_nodelay(true);
  set_socket_options([](socket_t socket) {
    // Not httplib's SO_REUSEPORT: two servers would share a port and its requests.
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  set_post_routing_handler([](const httplib::Request&, httplib::Response& response) {
    was_refused = response.status >= refused;
    if (was_refused) response.set_header("Connection", "close");
  });
}

int HttpServer::listen_at(const std::string& host, int port) {
  if (port == 0) {
    port = bind_to_any_port(host);
  } else if (!bind_to_port(host, port)) {
    port = -1;
  }
  if (port > 0) ::listen(svr_sock_, backlog);  // httplib lets 5 clients wait
  return port;
}

bool HttpServer::client_is_gone() { return current != nullptr && !current->is_writable(); }

void HttpServer::end() {
  stopping_ = true;
  stop();
}

bool HttpServer::process_and_close_socket(socket_t socket) {
  Connection connection(socket, limits_, stopping_);
  current = &connection;
  bool closed = false;
  for (int left = most_requests; left > 0 && !closed && connection.next_request(); --left) {
    was_refused = false;
    // A part of an answer is never asked for in earnest.
    const auto without_ranges = [](httplib::Request& request) { request.ranges.clear(); };
    if (!process_request(connection, left == 1, closed, without_ranges) || was_refused) break;
  }
  current = nullptr;
  connection.part();
  close(socket);
  return true;
}

}  // namespace hdecomp::tools
