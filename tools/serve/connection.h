/// A request that has come whole, and the way back to its client: every wait on it ends, however
/// slow the client is.
#pragma once

#include <httplib.h>

#include <atomic>
#include <string_view>

namespace hdecomp::tools {

class Connection final : public httplib::Stream {
 public:
  /// `stopping` ends all waits. The socket is closed by whoever opened it.
  Connection(socket_t socket, std::string_view request, const std::atomic<bool>& stopping)
      : socket_(socket), request_(request), stopping_(stopping) {}

  /// Something of the request was not read yet.
  bool is_readable() const override { return !request_.empty(); }
  /// The client is there to read.
  bool is_writable() const override;
  /// 0 at the request's end.
  ssize_t read(char* to, size_t size) override;
  ssize_t write(const char* from, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

 private:
  /// Waits until more can be sent; false if it takes too long.
  bool wait_to_send() const;

  socket_t socket_;
  std::string_view request_;  // what is not read yet
  const std::atomic<bool>& stopping_;
};

}  // namespace hdecomp::tools
