/// httplib's server with limits that it does not have: whole requests alone take a worker, each has
/// a deadline; a parting that loses no answer, no ranges.
#pragma once

#include <httplib.h>

#include "tools/serve/connection.h"
#include "tools/serve/reception.h"

namespace hdecomp::tools {

class HttpServer : public httplib::Server {
 public:
  explicit HttpServer(const ReceptionLimits& limits);

  /// Listens at an address, 0 for any port that is free. Returns the port, or -1 if it cannot be
  /// had.
  int listen_at(const std::string& host, int port);
  /// The port that it listens at.
  int port() const { return port_; }

  /// Stops listening, and ends all waits and all work that asks stopping().
  void end();
  bool stopping() const { return stopping_; }
  /// Whether the client of the request that this thread answers went away, or the server stops.
  static bool client_is_gone();

 private:
  bool process_and_close_socket(socket_t socket) override;
  bool answer(socket_t socket, std::string_view request, bool is_last);

  std::atomic<bool> stopping_{false};
  int port_ = 0;
  Reception reception_;
};

}  // namespace hdecomp::tools
