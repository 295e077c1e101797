/// What is done with one client: its bytes come, its request is looked at, answered or refused, and
/// it parts.
#include "tools/serve/reception_client.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "tools/serve/refusal.h"

namespace hdecomp::tools {
namespace {

void send_at_once(int socket, std::string_view bytes) {
  [[maybe_unused]] const ssize_t sent =
      send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

void Reception::receive(Client& client) {
  std::array<char, 65536> buffer;
  const ssize_t count = recv(client.socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  const bool is_parting = client.state == Client::State::parting;
  if (count <= 0) {
    if (count == 0 && client.state == Client::State::reading) return refuse(client, 400);
    client.state = Client::State::gone;
  } else if (!is_parting) {
    client.bytes.append(buffer.data(), static_cast<size_t>(count));
    bytes_ += static_cast<size_t>(count);
    look(client);
  }
}

void Reception::look(Client& client) {
  if (client.state == Client::State::idle) {
    client.state = Client::State::reading;
    client.since = Clock::now();
    client.deadline = client.since + limits_.reading;
  }
  const int refusal = client.frame.take_in(client.bytes, limits_.request);
  if (refusal != 0) return refuse(client, refusal);
  const size_t size = client.frame.size();
  if (size > 0 && client.bytes.size() >= size) {
    client.state = Client::State::whole;
    return;
  }
  if (size > 0 && client.frame.expects_continue() && !client.was_continued) {
    send_at_once(client.socket, "HTTP/1.1 100 Continue\r\n\r\n");
    client.was_continued = true;
  }
}

void Reception::answer(const ClientPtr& client) {
  const size_t size = client->frame.size();
  const bool is_last = ++client->requests == limits_.requests;
  const std::string_view request = std::string_view(client->bytes).substr(0, size);
  const bool stays = answer_(client->socket, request, is_last) && !is_last;
  client->forget_bytes(size);
  client->state = stays ? Client::State::idle : Client::State::parting;
  {
    const std::lock_guard lock(mutex_);
    new_.push_back(client);
  }
  wake();
}

void Reception::refuse(Client& client, int status) {
  send_at_once(client.socket, refusal(status));
  part(client);
}

/// Says that nothing more is sent, and takes in for a moment what the client still sends: else the
/// answer might be lost to it.
void Reception::part(Client& client) {
  shutdown(client.socket, SHUT_WR);
  client.forget_bytes(client.bytes.size());
  client.bytes.shrink_to_fit();
  client.state = Client::State::parting;
  client.since = Clock::now();
  client.deadline = client.since + limits_.parting;
}

}  // namespace hdecomp::tools
