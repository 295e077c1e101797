/// What the core asks of the CUDA backend; in a build without it, cuda_stub.cpp answers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "kernels/core/context.h"
#include "kernels/core/mark.h"
#include "kernels/core/recording.h"

namespace hdecomp::cuda {

/// The GPUs that the driver finds, usable or not. Never throws.
int count();

/// Whether GPU `index` is there with a driver and of compute capability 8.0 or newer. Never throws.
bool usable(int index);

/// Device memory. allocate throws Error with the bytes asked for and those free; release never
/// throws.
void* allocate(int index, int64_t bytes);
void release(int index, void* memory) noexcept;

/// Page-locked host memory; else alike.
void* allocate_page_locked(int index, int64_t bytes);
void release_page_locked(void* memory) noexcept;

/// A stream and the library handles of GPU `index`. Throws UserError, one line, where there is no
/// driver, no such GPU, or one that is too old.
std::shared_ptr<Context::Cuda> make_context(int index);

/// Waits for all work of the context's streams; throws Error if any of it failed.
void finish(const Context& context);

/// Copies in stream order; either side may be host memory. A host `to` is complete after finish().
void copy(const Context& context, const void* from, void* to, int64_t bytes);

/// All zero bytes, in stream order.
void clear(const Context& context, void* memory, int64_t bytes);

std::unique_ptr<Recording> record(const Context& context, const std::function<void()>& body);

std::unique_ptr<Mark> mark(const Context& context);
std::unique_ptr<Mark> copy_aside(const Context& context, const void* from, void* to, int64_t bytes);

}  // namespace hdecomp::cuda
