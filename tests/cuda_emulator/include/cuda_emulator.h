/// What the CUDA emulator offers besides CUDA's own interface: to tests the faults it found and the
/// switches for failures, to other fake libraries the way onto a stream.
///
/// The emulator compiles the project's .cu files as plain C++ and runs them on the CPU: the blocks
/// of a grid one after another on the calling thread, the threads of a block as fibers. Device
/// memory is host memory.
///
/// Found as faults: a shared index out of bounds; a read of shared memory that the block has not
/// written; two accesses to it that no barrier orders (__syncthreads orders a block, __syncwarp the
/// lanes of a warp; shuffles and votes order nothing, as on a GPU); threads that meet at different
/// lines or wait for each other for ever; a warp's call whose mask names a lane that has returned,
/// or a shuffle that reads a lane not named. A thread that has returned is not waited for by
/// __syncthreads. A faulty kernel ends at once, and its stream's next call returns
/// cudaErrorLaunchFailure until a synchronisation has returned it. Not seen: races in device memory
/// and accesses beyond its blocks (the address sanitizer finds these).
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "driver_types.h"

namespace emulator {

/// Runs `work` now on the calling thread, or records it if the stream is capturing. Returns what
/// CUDA would for an asynchronous call: an earlier fault of the stream, a broken capture, no
/// device. `work` must be copyable, hold what it needs by value and not throw. For fake libraries.
cudaError_t submit(cudaStream_t stream, std::function<void()> work);
/// Whether the stream is capturing now (also if the capture was made invalid).
bool capturing(cudaStream_t stream);
/// Whether these bytes lie in one block from cudaMalloc that was not freed. For fake libraries.
bool is_device_memory(const void* memory, size_t bytes);
/// Adds a line to faults() and fails the stream whose work is running, if any. For fake libraries.
void report_fault(const std::string& line);

/// One line for each fault found in any thread since the last clear_faults().
std::vector<std::string> faults();
/// Forgets the faults and the errors of the streams that came from them.
void clear_faults();

/// Of the next calls of cudaMalloc, cudaMallocHost and the like, `skip` work as usual and then
/// `count` return cudaErrorMemoryAllocation. fail_next_malloc(0, 0) takes that back.
void fail_next_malloc(int skip = 0, int count = 1);
/// Total memory of the device; what does not fit is refused. 16 GiB at first.
void set_device_memory(size_t bytes);
/// Bytes that cudaMalloc gave and cudaFree did not get back.
size_t allocated_bytes();
/// Bytes of page-locked memory (cudaMallocHost, cudaHostAlloc) not freed.
size_t allocated_host_bytes();
/// Streams, events, graphs and executable graphs not destroyed.
size_t live_handles();
/// How many devices there are from now on, 0 to 8; 1 at first. With 0 every call that needs one
/// returns cudaErrorNoDevice.
void set_device_count(int count);
/// Kernels run so far by the calling thread, replays of graphs included.
size_t kernels_run();

}  // namespace emulator
