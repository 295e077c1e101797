/// A counter on stderr for long work, shown only where stderr is a terminal.
#pragma once

#include <cstdint>
#include <string>

#include "hdecomp/stopwatch.h"

namespace hdecomp::tools {

class Progress {
 public:
  /// `what` is counted: "images", "pictures".
  Progress(std::string what, int64_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void step() { reach(done_ + 1); }
  void reach(int64_t done);
  /// Takes the counter off the screen until the next step: for a line that is to be printed.
  void clear();

 private:
  std::string what_;
  int64_t total_, done_ = 0;
  bool shown_;
  Stopwatch watch_;
  double last_ms_ = 0;
};

}  // namespace hdecomp::tools
