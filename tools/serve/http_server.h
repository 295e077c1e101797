/// httplib's server with limits that it does not have: a deadline per request, a parting that loses
/// no answer, no ranges.
#pragma once

#include "tools/serve/connection.h"

namespace hdecomp::tools {

class HttpServer : public httplib::Server {
 public:
  explicit HttpServer(const ConnectionLimits& limits);

  /// Listens at an address, 0 for any port that is free. Returns the port, or -1 if it cannot be
  /// had.
  int listen_at(const std::string& host, int port);

  /// Stops listening, and ends all waits and all work that asks stopping().
  void end();
  bool stopping() const { return stopping_; }
  /// Whether the client of the request that this thread answers went away, or the server stops.
  static bool client_is_gone();

 private:
  bool process_and_close_socket(socket_t socket) override;

  ConnectionLimits limits_;
  std::atomic<bool> stopping_{false};
};

}  // namespace hdecomp::tools
