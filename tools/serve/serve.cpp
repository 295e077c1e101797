/// The verb serve: the page, live.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <thread>

#include "tools/console/complaint.h"
#include "tools/runs/fill.h"
#include "tools/runs/patch_files.h"
#include "tools/runs/session.h"
#include "tools/serve/guard.h"
#include "tools/serve/on_exit.h"
#include "tools/serve/routes.h"
#include "tools/verbs.h"

namespace hdecomp::tools {
namespace {

/// Ctrl-C and kill reach no thread but the one that waits for them. For threads made from here on.
sigset_t end_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

/// Ends a server when a signal comes, and the process if the server has not ended soon after: what
/// decodes a photograph or loads a model hears nothing meanwhile, and nothing is half-written.
class Ending {
 public:
  explicit Ending(const sigset_t& signals)
      : thread_([this, signals](const std::stop_token& over) { await(over, signals); }) {}

  /// Null from when it is gone.
  void watch_over(HttpServer* server) {
    const std::lock_guard lock(mutex_);
    server_ = server;
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds grace{500};

  void await(const std::stop_token& over, const sigset_t& signals) {
    std::optional<Clock::time_point> signalled;
    while (!over.stop_requested()) {
      const timespec moment{0, signalled ? 1'000'000 : 100'000'000};
      if (sigtimedwait(&signals, nullptr, &moment) >= 0 && !signalled) signalled = Clock::now();
      if (!signalled) continue;
      end_server();
      if (Clock::now() > *signalled + grace) std::_Exit(0);
    }
  }

  /// httplib ignores an end that comes before it runs, though clients can connect by then: such a
  /// one waits.
  void end_server() {
    const std::lock_guard lock(mutex_);
    if (server_ != nullptr && server_->is_running()) server_->end();
  }

  std::mutex mutex_;  // guards server_
  HttpServer* server_ = nullptr;
  std::jthread thread_;
};

std::vector<std::string> devices_for(const CommonOptions& options) {
  if (!options.device.empty()) return {options.device};
  const std::string best = default_device();
  return best == "cpu" ? std::vector<std::string>{best} : std::vector<std::string>{best, "cpu"};
}

int listen(HttpServer& server, const ServeOptions& options) {
  const int port = server.listen_at(options.host, options.port);
  if (port < 0) {
    if (options.port != 0 && server.listen_at(options.host, 0) < 0) {
      throw UserError(joined("--host ", options.host,
                             ": cannot listen there at any port; give an address of this machine, "
                             "as 127.0.0.1, or 0.0.0.0 for all"));
    }
    throw UserError(joined("--port ", options.port, ": cannot listen at ", options.host, ":",
                           options.port, "; give another, or 0 for any that is free"));
  }
  return port;
}

void announce(const std::string& host, int port) {
  std::printf("hdecomp serves http://%s:%d (Ctrl-C ends it)\n", in_url(host).c_str(), port);
  std::fflush(stdout);
  if (is_loopback(host)) return;
  complain(joined("there is no password: whoever reaches ", in_url(host), ":", port,
                  " can use this server; --host 127.0.0.1 keeps it to this machine"));
}

}  // namespace

void serve(const ServeOptions& options) {
  if (options.host.empty()) throw UserError("--host: is empty; give an address, as 127.0.0.1");
  const sigset_t signals = end_signals();
  Ending ending(signals);
  const EngineOptions engine{{}, options.common.threads, 1, options.common.precision};
  Model model = load_model(options.common);
  model.require_classes();
  const ShownBeside beside = read_beside(options.concepts, options.patches, options.common, model);
  EngineRoom room(std::move(model), devices_for(options.common), engine, {});
  const ServeLimits limits;
  ImageStore images(limits.kept_bytes);
  ReceptionLimits reception;
  reception.request.body_bytes = limits.body_bytes;
  HttpServer server(reception);
  add_routes(server, room, images, limits, options.host, beside);
  announce(options.host, listen(server, options));
  ending.watch_over(&server);
  const OnExit forget([&] { ending.watch_over(nullptr); });
  server.listen_after_bind();
}

}  // namespace hdecomp::tools
