/// The reception's loop over all clients: poll, send late ones away, make room, hand on.
#include "tools/serve/reception_client.h"

#include <httplib.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

#include <algorithm>
#include <system_error>

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

}  // namespace

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
