/// What is thrown where memory cannot be had: a caller that can free some tries again.
#pragma once

#include "hdecomp/error.h"

namespace hdecomp {

class OutOfMemory : public Error {
 public:
  using Error::Error;
};

}  // namespace hdecomp
