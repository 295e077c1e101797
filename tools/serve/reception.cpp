/// The reception's loop: poll, read, look, hand on.
#include "tools/serve/reception.h"

#include <httplib.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <system_error>

#include "tools/serve/refusal.h"

namespace hdecomp::tools {
namespace {

constexpr size_t worker_count = 64;  // most requests at once; most of them wait for the engine
constexpr int look_ms = 50;

/// Half of the file descriptors that the process may have, at most.
size_t affordable(size_t clients) {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return clients;
  return std::min<size_t>(clients, std::max<rlim_t>(files.rlim_cur / 2, 1));
}

void send_at_once(int socket, std::string_view bytes) {
  [[maybe_unused]] const ssize_t sent =
      send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

struct Reception::Client {
  enum class State { idle, reading, whole, parting, gone };

  Client(Reception& owner, int number) : reception(owner), socket(number) { ++reception.clients_; }
  ~Client() {
    forget_bytes(bytes.size());
    close(socket);
    --reception.clients_;
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void forget_bytes(size_t count) {
    bytes.erase(0, count);
    reception.bytes_ -= count;
  }

  Reception& reception;
  int socket;
  State state = State::idle;
  std::string bytes;  // what has come and is not answered
  RequestFrame frame;
  bool was_continued = false;
  int requests = 0;
  Clock::time_point since, deadline;  // of the state
};

Reception::Reception(const ReceptionLimits& limits, const std::atomic<bool>& stopping,
                     Answer answer)
    : limits_(limits), stopping_(stopping), answer_(std::move(answer)) {
  limits_.clients = affordable(limits.clients);
  wake_up_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_up_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  workers_ = std::make_unique<httplib::ThreadPool>(worker_count);
  thread_ = std::thread([this] { run(); });
}

Reception::~Reception() {
  end();
  close(wake_up_);
}

void Reception::end() {
  if (!thread_.joinable()) return;
  ended_ = true;
  wake();
  thread_.join();
  workers_->shutdown();
  here_.clear();
  new_.clear();
}

void Reception::wake() const { eventfd_write(wake_up_, 1); }

void Reception::add(int socket) {
  const auto client = std::make_shared<Client>(*this, socket);
  {
    const std::lock_guard lock(mutex_);
    new_.push_back(client);
  }
  wake();
}

void Reception::run() {
  while (!stopping_ && !ended_) {
    watch();
    send_late_ones_away();
    take_in_new();
    std::erase_if(here_, [](const ClientPtr& each) { return each->state == Client::State::gone; });
    make_room();
    hand_on_whole_ones();
  }
}

void Reception::take_in_new() {
  std::vector<ClientPtr> come;
  {
    const std::lock_guard lock(mutex_);
    come.swap(new_);
  }
  for (const ClientPtr& client : come) {
    here_.push_back(client);
    if (client->state == Client::State::parting) {
      part(*client);
      continue;
    }
    client->frame = {};
    client->was_continued = false;
    client->since = Clock::now();
    client->deadline = client->since + limits_.idle;
    if (!client->bytes.empty()) look(*client);  // the next request was sent ahead
  }
}

void Reception::watch() {
  std::vector<pollfd> watched{{wake_up_, POLLIN, 0}};
  for (const ClientPtr& client : here_) watched.push_back({client->socket, POLLIN, 0});
  if (poll(watched.data(), watched.size(), look_ms) <= 0) return;
  eventfd_t ignored = 0;
  if (watched[0].revents != 0) eventfd_read(wake_up_, &ignored);
  for (size_t i = 1; i < watched.size(); ++i) {
    if (watched[i].revents != 0) receive(*here_[i - 1]);
  }
}

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

/// A worker's client is not here: only one thread at a time has a client.
void Reception::hand_on_whole_ones() {
  const auto others = std::stable_partition(here_.begin(), here_.end(), [](const ClientPtr& each) {
    return each->state != Client::State::whole;
  });
  const std::vector<ClientPtr> whole(others, here_.end());
  here_.erase(others, here_.end());
  for (const ClientPtr& client : whole) {
    workers_->enqueue([this, client] { answer(client); });
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

void Reception::send_late_ones_away() {
  const auto now = Clock::now();
  for (const ClientPtr& client : here_) {
    if (now < client->deadline || client->state == Client::State::whole) continue;
    if (client->state == Client::State::reading) {
      refuse(*client, 408);
    } else {
      client->state = Client::State::gone;
    }
  }
}

void Reception::make_room() {
  while (clients_ > limits_.clients || bytes_ > limits_.bytes) {
    const bool of_bytes = clients_ <= limits_.clients;
    Client* oldest = nullptr;
    for (const ClientPtr& client : here_) {
      if (client->state == Client::State::whole || (of_bytes && client->bytes.empty())) continue;
      if (oldest == nullptr || client->since < oldest->since) oldest = client.get();
    }
    if (oldest == nullptr) return;  // all are with workers
    if (of_bytes) {
      refuse(*oldest, 503);
      continue;
    }
    std::erase_if(here_, [&](const ClientPtr& client) { return client.get() == oldest; });
  }
}

}  // namespace hdecomp::tools
