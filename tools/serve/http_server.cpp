/// From an accepted connection to the reception, and from there, request by request, to httplib.
#include "tools/serve/http_server.h"

#include <sys/socket.h>
#include <unistd.h>

namespace hdecomp::tools {
namespace {

constexpr int refused = 400;
constexpr int backlog = 512;  // connections that wait to be accepted

/// Whether this thread's last answer refused its request.
thread_local bool was_refused = false;
thread_local const Connection* current = nullptr;  // of this thread's request

/// httplib's queue of accepted connections: none waits, the reception takes each at once.
class NoQueue final : public httplib::TaskQueue {
 public:
  explicit NoQueue(Reception& reception) : reception_(reception) {}
  void enqueue(std::function<void()> to_reception) override { to_reception(); }
  void shutdown() override { reception_.end(); }

 private:
  Reception& reception_;
};

}  // namespace

HttpServer::HttpServer(const ReceptionLimits& limits)
    : reception_(limits, stopping_, [this](int socket, std::string_view request, bool is_last) {
        return answer(socket, request, is_last);
      }) {
  new_task_queue = [this] { return new NoQueue(reception_); };  // httplib deletes it
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
  port_ = port;
  return port;
}

bool HttpServer::client_is_gone() { return current != nullptr && !current->is_writable(); }

void HttpServer::end() {
  stopping_ = true;
  stop();
}

bool HttpServer::process_and_close_socket(socket_t socket) {
  reception_.add(socket);
  return true;
}

bool HttpServer::answer(socket_t socket, std::string_view request, bool is_last) {
  if (stopping_) return false;
  Connection connection(socket, request, stopping_);
  current = &connection;
  bool closed = false;
  was_refused = false;
  // A part of an answer is never asked for in earnest.
  const auto without_ranges = [](httplib::Request& asked) { asked.ranges.clear(); };
  const bool answered = process_request(connection, is_last, closed, without_ranges);
  current = nullptr;
  return answered && !closed && !was_refused;
}

}  // namespace hdecomp::tools
