/// Where clients wait: one thread reads all of them, and only whole requests go on to workers.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tools/serve/request_frame.h"

namespace httplib {
class ThreadPool;
}

namespace hdecomp::tools {

struct ReceptionLimits {
  RequestLimits request;
  std::chrono::milliseconds idle{5000};      // until a request begins
  std::chrono::milliseconds reading{10000};  // for a whole request
  std::chrono::milliseconds parting{1000};   // for a client to read its last answer
  size_t clients = 512;                      // at once; the one that waits longest makes room
  size_t bytes = size_t{256} << 20;          // of all requests' bytes; likewise
  int requests = 100;                        // of one client
};

class Reception {
 public:
  /// Answers a request on a worker's thread; false if the client is to go.
  using Answer = std::function<bool(int socket, std::string_view request, bool is_last)>;

  Reception(const ReceptionLimits& limits, const std::atomic<bool>& stopping, Answer answer);
  ~Reception();

  /// Takes over a client that was accepted.
  void add(int socket);
  /// Waits until the workers are done and sends all clients away.
  void end();

 private:
  using Clock = std::chrono::steady_clock;
  struct Client;
  using ClientPtr = std::shared_ptr<Client>;

  void run();
  void take_in_new();
  /// Waits a moment for something to happen.
  void watch();
  void receive(Client& client);
  /// Looks at what has come: refuses it, lets more come, or finds it whole.
  void look(Client& client);
  void hand_on_whole_ones();
  void answer(const ClientPtr& client);
  void refuse(Client& client, int status);
  void part(Client& client);
  void send_late_ones_away();
  void make_room();
  void wake() const;

  ReceptionLimits limits_;
  const std::atomic<bool>& stopping_;
  Answer answer_;
  std::atomic<bool> ended_{false};
  std::atomic<size_t> clients_{0};  // with workers, too
  std::atomic<size_t> bytes_{0};
  std::vector<ClientPtr> here_;  // of the reception's thread alone
  std::mutex mutex_;             // guards new_
  std::vector<ClientPtr> new_;   // come, or come back from a worker
  int wake_up_ = -1;             // an eventfd
  std::unique_ptr<httplib::ThreadPool> workers_;
  std::thread thread_;
};

}  // namespace hdecomp::tools
