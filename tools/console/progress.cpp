/// Progress: one line, redrawn at most ten times a second.
#include "tools/console/progress.h"

#include <unistd.h>

#include <cstdio>

namespace hdecomp::tools {

Progress::Progress(std::string what, int64_t total)
    : what_(std::move(what)), total_(total), shown_(isatty(STDERR_FILENO) == 1 && total > 1) {}

Progress::~Progress() { clear(); }

void Progress::clear() {
  if (shown_) std::fprintf(stderr, "\r\033[K");
}

void Progress::reach(int64_t done) {
  done_ = done;
  const double now = watch_.ms();
  if (!shown_ || (now - last_ms_ < 100 && done_ != total_)) return;
  last_ms_ = now;
  const double rate = static_cast<double>(done_) / now * 1000;
  std::fprintf(stderr, "\r\033[K%lld of %lld %s, %.1f a second, %.0f s left",
               static_cast<long long>(done_), static_cast<long long>(total_), what_.c_str(), rate,
               static_cast<double>(total_ - done_) / rate);
  std::fflush(stderr);
}

}  // namespace hdecomp::tools
