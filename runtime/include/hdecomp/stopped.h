/// How a call ends that was asked to stop.
#pragma once

#include <stop_token>

#include "hdecomp/error.h"

namespace hdecomp {

/// The options' stop token asked for it. What threw it can be used on.
class HDECOMP_API Stopped : public Error {
 public:
  using Error::Error;
};

/// Throws Stopped if it was asked for.
inline void end_if_stopped(const std::stop_token& stop) {
  if (stop.stop_requested()) throw Stopped("stopped as asked");
}

}  // namespace hdecomp
