/// The one switch over devices that every op goes through.
#pragma once

#include <utility>

#include "hdecomp/error.h"
#include "kernels/core/context.h"
#include "kernels/core/shape.h"

namespace hdecomp {

/// Calls on_cpu(context, args...) or on_cuda(context, args...).
template <class OnCpu, class OnCuda, class... Args>
decltype(auto) dispatch(const Context& context, OnCpu on_cpu, OnCuda on_cuda, Args&&... args) {
  switch (context.device().kind) {
    case DeviceKind::cpu:
      return on_cpu(context, std::forward<Args>(args)...);
    case DeviceKind::cuda:
      return on_cuda(context, std::forward<Args>(args)...);
  }
  throw Error("dispatch: unknown device");
}

/// Throws Error if a tensor handed to an op has not the extent that the op's contract asks for.
inline void require_shape(const char* op, const char* tensor, const Shape& is,
                          const Shape& wanted) {
  if (is != wanted) {
    throw Error(joined(op, ": ", tensor, " has shape ", is, ", expected ", wanted));
  }
}

}  // namespace hdecomp
