/// Streams, captures and events as the emulated runtime keeps them, for its own files.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "driver_types.h"

namespace emulator {

using Nodes = std::vector<std::function<void()>>;

/// What the streams of one capture record together, in the order of the calls.
struct Capture {
  cudaStreamCaptureMode mode;
  std::thread::id thread;
  CUstream_st* origin;
  std::atomic<bool> valid = true;
  std::atomic<bool> ended = false;
  Nodes nodes;
  std::map<CUstream_st*, size_t> unjoined;  // forked streams that no other waits for since their
                                            // last work, which ends at this count of nodes
};

}  // namespace emulator

struct CUstream_st {
  unsigned int flags = 0;
  std::atomic<cudaError_t> error =
      cudaSuccess;  // of work done; kept until the next synchronisation
  std::shared_ptr<emulator::Capture> capture;
};

struct CUevent_st {
  unsigned int flags = 0;
  std::optional<std::chrono::steady_clock::time_point> recorded;
  std::shared_ptr<emulator::Capture> capture;  // if it was recorded last in one
  CUstream_st* stream = nullptr;
  size_t nodes = 0;  // that the capture had then
};

struct CUgraph_st {
  std::shared_ptr<const emulator::Nodes> nodes;
};
struct CUgraphExec_st {
  std::shared_ptr<const emulator::Nodes> nodes;
};

namespace emulator {

/// The handles of one kind that are not destroyed.
template <class Handle>
class Handles {
 public:
  static Handles& all() {
    static Handles handles;
    return handles;
  }
  Handle* add() {
    const std::lock_guard lock(mutex_);
    return owned_.emplace_back(std::make_unique<Handle>()).get();
  }
  bool has(const Handle* handle) {
    const std::lock_guard lock(mutex_);
    return find(handle) != owned_.end();
  }
  bool remove(const Handle* handle) {
    const std::lock_guard lock(mutex_);
    const auto found = find(handle);
    if (found == owned_.end()) return false;
    owned_.erase(found);
    return true;
  }
  size_t count() {
    const std::lock_guard lock(mutex_);
    return owned_.size();
  }
  template <class Visit>
  void each(const Visit& visit) {
    const std::lock_guard lock(mutex_);
    for (const auto& handle : owned_) visit(*handle);
  }

 private:
  auto find(const Handle* handle) {
    auto at = owned_.begin();
    while (at != owned_.end() && at->get() != handle) ++at;
    return at;
  }
  std::mutex mutex_;
  std::vector<std::unique_ptr<Handle>> owned_;
};

/// The stream's state, the default stream's for null; null if there is no such stream.
CUstream_st* find_stream(cudaStream_t stream);
/// Marks the capture as broken. Returns `error`.
cudaError_t break_capture(CUstream_st& stream, cudaError_t error);
/// Gives the stream whose work runs on this thread an error, if there is one.
void fail_running_stream(cudaError_t error);
/// The stream whose work runs on this thread has an error.
bool running_stream_failed();

/// Captures begun and not ended, in all threads.
void register_capture(const std::shared_ptr<Capture>& capture);
void unregister_capture(const Capture* capture);

}  // namespace emulator
