/// Waiting with poll, in slices short enough to notice that the server stops.
#include "tools/serve/connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>

namespace hdecomp::tools {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int slice_ms = 50;
constexpr std::chrono::seconds longest_write{10};  // for each piece of an answer

}  // namespace

bool Connection::wait_to_send() const {
  const auto deadline = Clock::now() + longest_write;
  while (!stopping_ && Clock::now() < deadline) {
    pollfd watched{socket_, POLLOUT, 0};
    const int ready = poll(&watched, 1, slice_ms);
    if (ready < 0 && errno != EINTR) return false;
    if (ready > 0) return (watched.revents & (POLLOUT | POLLHUP)) != 0;
  }
  return false;
}

bool Connection::is_writable() const {
  if (stopping_) return false;
  pollfd watched{socket_, POLLRDHUP, 0};
  return poll(&watched, 1, 0) == 0;  // neither hung up nor failed
}

ssize_t Connection::read(char* to, size_t size) {
  const size_t count = std::min(size, request_.size());
  std::copy_n(request_.data(), count, to);
  request_.remove_prefix(count);
  return static_cast<ssize_t>(count);
}

ssize_t Connection::write(const char* from, size_t size) {
  for (;;) {
    if (!wait_to_send()) return -1;
    const ssize_t count = send(socket_, from, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count >= 0) return count;
    if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) return -1;
  }
}

void Connection::get_remote_ip_and_port(std::string& ip, int& port) const {
  ip.clear();  // nothing of the server depends on who asks
  port = 0;
}

void Connection::get_local_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}

}  // namespace hdecomp::tools
