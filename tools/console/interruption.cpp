/// A signal wakes a thread through a pipe: a handler itself may hardly do anything.
#include "tools/console/interruption.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

namespace hdecomp::tools {
namespace fs = std::filesystem;
namespace {

int wake_up[2] = {-1, -1};  // a pipe: the signal's number

void on_signal(int signal) {
  const int before = errno;
  const auto byte = static_cast<unsigned char>(signal);
  [[maybe_unused]] const ssize_t written = write(wake_up[1], &byte, 1);
  errno = before;
}

class Interruption {
 public:
  /// Never destroyed: its thread may be at work until the process ends.
  static Interruption& instance() {
    static auto* const only = new Interruption;
    return *only;
  }

  void add(const fs::path& folder, Contents contents) {
    const std::lock_guard lock(mutex_);
    folders_[folder] = contents;
  }
  void remove(const fs::path& folder) {
    const std::lock_guard lock(mutex_);
    folders_.erase(folder);
  }

 private:
  Interruption() {
    if (pipe2(wake_up, O_CLOEXEC) != 0) return;
    try {
      std::thread([this] { wait(); }).detach();
    } catch (
        const std::system_error&) {  // no thread to be had: what is left stays for the next run
      return;
    }
    for (const int signal : {SIGINT, SIGTERM}) {
      struct sigaction now = {};
      if (sigaction(signal, nullptr, &now) != 0 || now.sa_handler != SIG_DFL) continue;
      now.sa_handler = on_signal;
      now.sa_flags = SA_RESTART;
      sigaction(signal, &now, nullptr);
    }
  }

  void wait() {
    unsigned char signal = 0;
    while (read(wake_up[0], &signal, 1) != 1) {
    }
    const std::lock_guard lock(mutex_);
    // Other threads may still write: a second time gets what they have made meanwhile.
    for (int time = 0; time < 2; ++time) {
      for (auto each = folders_.rbegin(); each != folders_.rend(); ++each) {  // inner ones first
        std::error_code ignored;
        if (each->second == Contents::all) {
          fs::remove_all(each->first, ignored);
        } else {
          fs::remove(each->first, ignored);
        }
      }
    }
    std::signal(signal, SIG_DFL);
    kill(getpid(), signal);
    for (;;) pause();  // with the lock: whoever wants to write a result now must not
  }

  std::mutex mutex_;  // guards folders_
  std::map<fs::path, Contents> folders_;
};

}  // namespace

void take_away_on_interruption(const fs::path& folder, Contents contents) {
  Interruption::instance().add(folder, contents);
}
void forget_on_interruption(const fs::path& folder) { Interruption::instance().remove(folder); }

}  // namespace hdecomp::tools
