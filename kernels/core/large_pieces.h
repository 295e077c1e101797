/// Memory carved out of large pieces: those have huge pages.
#pragma once

#include <memory>

#include "kernels/core/tensor.h"

namespace hdecomp {

/// Not safe for use by two threads at once; what it gave may go on any.
class LargePieces {
 public:
  /// Host memory, 64-byte aligned, uninitialised. What is large has a piece alone; a piece is freed
  /// with the last part of it.
  std::shared_ptr<void> take(int64_t bytes);

 private:
  std::weak_ptr<void> piece_;  // the last one
  char* free_ = nullptr;       // of it
  int64_t free_bytes_ = 0;
};

}  // namespace hdecomp
