/// The verb serve: the page, live.
#include <csignal>
#include <cstdio>
#include <thread>

#include "tools/serve/routes.h"
#include "tools/session.h"

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

/// Ends the server when a signal comes; gives up when asked to. httplib ignores an end that comes
/// before it runs, though clients can connect by then: such a one waits.
void await_end(const std::stop_token& over, const sigset_t& signals, HttpServer& server) {
  bool signalled = false;
  while (!over.stop_requested()) {
    const timespec moment{0, signalled ? 1'000'000 : 100'000'000};
    if (sigtimedwait(&signals, nullptr, &moment) >= 0) signalled = true;
    if (!signalled || !server.is_running()) continue;
    server.end();
    return;
  }
}

std::vector<std::string> devices_for(const CommonOptions& options) {
  if (!options.device.empty()) return {options.device};
  const std::string best = default_device();
  return best == "cpu" ? std::vector<std::string>{best} : std::vector<std::string>{best, "cpu"};
}

bool is_loopback(const std::string& host) {
  return host == "127.0.0.1" || host == "localhost" || host == "::1";
}

}  // namespace

void serve(const ServeOptions& options) {
  const sigset_t signals = end_signals();
  const EngineOptions engine{{}, options.common.threads, 1, options.common.precision};
  Model model = load_model(options.common);
  model.require_classes();
  EngineRoom room(std::move(model), devices_for(options.common), engine, {});
  const ServeLimits limits;
  ImageStore images(limits.kept_bytes);
  HttpServer server({});
  add_routes(server, room, images, limits, !is_loopback(options.host));
  const int port = server.listen_at(options.host, options.port);
  if (port < 0) {
    throw UserError(joined("--port ", options.port, ": cannot listen at ", options.host, ":",
                           options.port, "; give another, or 0 for any that is free"));
  }
  std::printf("hdecomp serves http://%s:%d (Ctrl-C ends it)\n", options.host.c_str(), port);
  std::fflush(stdout);
  const std::jthread ender([&](const std::stop_token& over) { await_end(over, signals, server); });
  server.listen_after_bind();
}

}  // namespace hdecomp::tools
