/// One client's connection: every wait on it ends, however slow the client is.
#pragma once

#include <httplib.h>

#include <array>
#include <atomic>
#include <chrono>
#include <string>

namespace hdecomp::tools {

struct ConnectionLimits {
  std::chrono::milliseconds idle{5000};    // until a request begins
  std::chrono::milliseconds read{10000};   // for a whole request, its body included
  std::chrono::milliseconds write{10000};  // for each piece of an answer
};

class Connection final : public httplib::Stream {
 public:
  /// `stopping` ends all waits. The socket is closed by whoever opened it.
  Connection(socket_t socket, const ConnectionLimits& limits, const std::atomic<bool>& stopping)
      : socket_(socket), limits_(limits), stopping_(stopping) {}

  /// Waits for the next request to begin; false if none comes. From then on the request's time
  /// runs.
  bool next_request();
  /// Says that nothing more is sent, and takes in for a moment what the client still sends: else
  /// the answer might be lost to it.
  void part();

  /// Something was sent, or the client is gone.
  bool is_readable() const override;
  /// The client is there to read.
  bool is_writable() const override;
  ssize_t read(char* to, size_t size) override;
  ssize_t write(const char* from, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

 private:
  using Clock = std::chrono::steady_clock;

  /// Waits for `events` until `deadline`; false if they don't come.
  bool wait(short events, Clock::time_point deadline) const;
  ssize_t receive(char* to, size_t size) const;

  socket_t socket_;
  ConnectionLimits limits_;
  const std::atomic<bool>& stopping_;
  Clock::time_point read_deadline_{};
  std::array<char, 16384> buffer_{};  // bytes received but not read yet: [begin_, end_)
  size_t begin_ = 0, end_ = 0;
};

}  // namespace hdecomp::tools
