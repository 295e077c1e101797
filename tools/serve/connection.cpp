/// Waiting with poll, in slices short enough to notice that the server stops.
#include "tools/serve/connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace hdecomp::tools {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds slice{50}, parting{1000};

}  // namespace

bool Connection::wait(short events, Clock::time_point deadline) const {
  while (!stopping_) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return false;
    pollfd watched{socket_, events, 0};
    const int ready = poll(&watched, 1, static_cast<int>(std::min(left, slice).count()));
    if (ready < 0 && errno != EINTR) return false;
    if (ready > 0) return (watched.revents & (events | POLLHUP)) != 0;
  }
  return false;
}

ssize_t Connection::receive(char* to, size_t size) const {
  for (;;) {
    const ssize_t count = recv(socket_, to, size, 0);
    if (count >= 0 || errno != EINTR) return count;
  }
}

bool Connection::next_request() {
  const bool begun = begin_ < end_ || wait(POLLIN, Clock::now() + limits_.idle);
  read_deadline_ = Clock::now() + limits_.read;
  return begun;
}

void Connection::part() {
  shutdown(socket_, SHUT_WR);
  const auto deadline = Clock::now() + parting;
  while (wait(POLLIN, deadline)) {
    if (receive(buffer_.data(), buffer_.size()) <= 0) return;
  }
}

bool Connection::is_readable() const { return begin_ < end_ || wait(POLLIN, Clock::now() + slice); }

bool Connection::is_writable() const {
  if (stopping_) return false;
  pollfd watched{socket_, POLLRDHUP, 0};
  return poll(&watched, 1, 0) == 0;  // neither hung up nor failed
}

ssize_t Connection::read(char* to, size_t size) {
  if (begin_ == end_) {
    if (!wait(POLLIN, read_deadline_)) return -1;
    const ssize_t count = receive(buffer_.data(), buffer_.size());
    if (count <= 0) return count;
    begin_ = 0;
    end_ = static_cast<size_t>(count);
  }
  const size_t count = std::min(size, end_ - begin_);
  std::memcpy(to, buffer_.data() + begin_, count);
  begin_ += count;
  return static_cast<ssize_t>(count);
}

ssize_t Connection::write(const char* from, size_t size) {
  const auto deadline = Clock::now() + limits_.write;
  for (;;) {
    if (!wait(POLLOUT, deadline)) return -1;
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
