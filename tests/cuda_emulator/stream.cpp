/// Streams: work is done at once on the calling thread, or recorded while the stream captures.
#include "stream.h"

#include <utility>

#include "cuda_emulator.h"
#include "cuda_runtime_api.h"
#include "state.h"

namespace emulator {
namespace {

thread_local CUstream_st* running_stream = nullptr;

CUstream_st& default_stream() {
  static CUstream_st stream;
  return stream;
}

struct CaptureList {
  std::mutex mutex;
  std::vector<std::shared_ptr<Capture>> captures;
  static CaptureList& all() {
    static CaptureList list;
    return list;
  }
};

class RunningStreamScope {
 public:
  explicit RunningStreamScope(CUstream_st* stream)
      : before_(std::exchange(running_stream, stream)) {}
  ~RunningStreamScope() { running_stream = before_; }
  RunningStreamScope(const RunningStreamScope&) = delete;
  RunningStreamScope& operator=(const RunningStreamScope&) = delete;

 private:
  CUstream_st* before_;
};

/// The default stream waits for all streams but the non-blocking ones: none of these may capture.
cudaError_t check_default_stream() {
  CaptureList& list = CaptureList::all();
  const std::lock_guard lock(list.mutex);
  for (const auto& capture : list.captures) {
    if ((capture->origin->flags & cudaStreamNonBlocking) != 0) continue;
    capture->valid = false;
    return cudaErrorStreamCaptureImplicit;
  }
  return cudaSuccess;
}

}  // namespace

void register_capture(const std::shared_ptr<Capture>& capture) {
  CaptureList& list = CaptureList::all();
  const std::lock_guard lock(list.mutex);
  list.captures.push_back(capture);
}

void unregister_capture(const Capture* capture) {
  CaptureList& list = CaptureList::all();
  const std::lock_guard lock(list.mutex);
  std::erase_if(list.captures, [&](const auto& listed) { return listed.get() == capture; });
}

cudaError_t check_unsafe_call() {
  CaptureList& list = CaptureList::all();
  const std::lock_guard lock(list.mutex);
  cudaError_t status = cudaSuccess;
  for (const auto& capture : list.captures) {
    const bool own = capture->thread == std::this_thread::get_id();
    if (capture->mode == cudaStreamCaptureModeRelaxed) continue;
    if (!own && capture->mode != cudaStreamCaptureModeGlobal) continue;
    capture->valid = false;
    status = cudaErrorStreamCaptureUnsupported;
  }
  return status;
}

CUstream_st* find_stream(cudaStream_t stream) {
  if (stream == nullptr) return &default_stream();
  return Handles<CUstream_st>::all().has(stream) ? stream : nullptr;
}

cudaError_t break_capture(CUstream_st& stream, cudaError_t error) {
  if (stream.capture) stream.capture->valid = false;
  return keep_error(error);
}

void fail_running_stream(cudaError_t error) {
  if (running_stream != nullptr) running_stream->error = error;
}

bool running_stream_failed() {
  return running_stream != nullptr && running_stream->error != cudaSuccess;
}

cudaError_t take_any_stream_error() {
  cudaError_t first = default_stream().error.exchange(cudaSuccess);
  Handles<CUstream_st>::all().each([&](CUstream_st& stream) {
    const cudaError_t error = stream.error.exchange(cudaSuccess);
    if (first == cudaSuccess) first = error;
  });
  return first;
}

void clear_stream_errors() { take_any_stream_error(); }

bool capturing(cudaStream_t stream) {
  const CUstream_st* state = find_stream(stream);
  return state != nullptr && state->capture != nullptr;
}

cudaError_t submit(cudaStream_t stream, std::function<void()> work) {
  if (const cudaError_t status = check_device()) return keep_error(status);
  CUstream_st* state = find_stream(stream);
  if (state == nullptr) return keep_error(cudaErrorInvalidResourceHandle);
  if (state->error != cudaSuccess) return keep_error(state->error);
  if (stream == nullptr) {
    if (const cudaError_t status = check_default_stream()) return keep_error(status);
  }
  if (!state->capture) {
    const RunningStreamScope scope(state);
    work();
    return cudaSuccess;
  }
  Capture& capture = *state->capture;
  if (!capture.valid) return keep_error(cudaErrorStreamCaptureInvalidated);
  capture.nodes.push_back(std::move(work));
  if (state != capture.origin) capture.unjoined[state] = capture.nodes.size();
  return cudaSuccess;
}

size_t live_handles() {
  return Handles<CUstream_st>::all().count() + Handles<CUevent_st>::all().count() +
         Handles<CUgraph_st>::all().count() + Handles<CUgraphExec_st>::all().count();
}

}  // namespace emulator

using emulator::Handles;
using emulator::keep_error;

cudaError_t cudaStreamCreate(cudaStream_t* stream) {
  return cudaStreamCreateWithFlags(stream, cudaStreamDefault);
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned int flags) {
  if (stream == nullptr || flags > cudaStreamNonBlocking) return keep_error(cudaErrorInvalidValue);
  if (const cudaError_t status = emulator::check_device()) return keep_error(status);
  *stream = Handles<CUstream_st>::all().add();
  (*stream)->flags = flags;
  return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  if (stream != nullptr && emulator::find_stream(stream) != nullptr && stream->capture) {
    stream->capture->ended = true;
    emulator::unregister_capture(stream->capture.get());
  }
  const bool there = Handles<CUstream_st>::all().remove(stream);
  return there ? cudaSuccess : keep_error(cudaErrorInvalidResourceHandle);
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  if (const cudaError_t status = emulator::check_device()) return keep_error(status);
  CUstream_st* state = emulator::find_stream(stream);
  if (state == nullptr) return keep_error(cudaErrorInvalidResourceHandle);
  if (state->capture) return emulator::break_capture(*state, cudaErrorStreamCaptureUnsupported);
  return keep_error(state->error.exchange(cudaSuccess));
}

cudaError_t cudaStreamQuery(cudaStream_t stream) { return cudaStreamSynchronize(stream); }

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* user_data) {
  if (function == nullptr) return keep_error(cudaErrorInvalidValue);
  return emulator::submit(stream, [=] { function(user_data); });
}
