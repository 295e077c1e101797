/// Events: times of the clock outside of captures, and forks and joins of streams inside.
#include "cuda_runtime_api.h"
#include "state.h"
#include "stream.h"

using emulator::Handles;
using emulator::keep_error;

namespace {

bool is_event(cudaEvent_t event) { return Handles<CUevent_st>::all().has(event); }

}  // namespace

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  return cudaEventCreateWithFlags(event, cudaEventDefault);
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned int flags) {
  if (event == nullptr || flags > (cudaEventBlockingSync | cudaEventDisableTiming)) {
    return keep_error(cudaErrorInvalidValue);
  }
  if (const cudaError_t status = emulator::check_device()) return keep_error(status);
  *event = Handles<CUevent_st>::all().add();
  (*event)->flags = flags;
  return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  CUstream_st* state = emulator::find_stream(stream);
  if (state == nullptr || !is_event(event)) return keep_error(cudaErrorInvalidResourceHandle);
  if (state->capture && !state->capture->valid) {
    return keep_error(cudaErrorStreamCaptureInvalidated);
  }
  if (state->error != cudaSuccess) return keep_error(state->error);
  event->recorded = std::chrono::steady_clock::now();
  event->capture = state->capture;
  event->stream = state;
  event->nodes = state->capture ? state->capture->nodes.size() : 0;
  return cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned int) {
  CUstream_st* state = emulator::find_stream(stream);
  if (state == nullptr || !is_event(event)) return keep_error(cudaErrorInvalidResourceHandle);
  if (state->error != cudaSuccess) return keep_error(state->error);
  if (!event->capture) {
    if (!state->capture) return cudaSuccess;
    return emulator::break_capture(*state, cudaErrorStreamCaptureIsolation);
  }
  if (event->capture->ended) return keep_error(cudaErrorCapturedEvent);
  if (!event->capture->valid) return keep_error(cudaErrorStreamCaptureInvalidated);
  if (state->capture && state->capture != event->capture) {
    return emulator::break_capture(*state, cudaErrorStreamCaptureMerge);
  }
  if (stream == nullptr) return keep_error(cudaErrorStreamCaptureUnsupported);
  state->capture = event->capture;
  emulator::Capture& capture = *state->capture;
  const auto other = capture.unjoined.find(event->stream);
  if (other != capture.unjoined.end() && other->second <= event->nodes) {
    capture.unjoined.erase(other);
  }
  if (state != capture.origin) capture.unjoined[state] = capture.nodes.size();
  return cudaSuccess;
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  if (!is_event(event)) return keep_error(cudaErrorInvalidResourceHandle);
  if (event->capture) {
    event->capture->valid = false;
    return keep_error(cudaErrorCapturedEvent);
  }
  if (!event->recorded || emulator::find_stream(event->stream) == nullptr) return cudaSuccess;
  return keep_error(event->stream->error);
}

cudaError_t cudaEventQuery(cudaEvent_t event) { return cudaEventSynchronize(event); }

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  if (milliseconds == nullptr) return keep_error(cudaErrorInvalidValue);
  for (const cudaEvent_t event : {start, end}) {
    if (!is_event(event) || !event->recorded || (event->flags & cudaEventDisableTiming) != 0) {
      return keep_error(cudaErrorInvalidResourceHandle);
    }
    if (event->capture) return keep_error(cudaErrorCapturedEvent);
  }
  const std::chrono::duration<float, std::milli> elapsed = *end->recorded - *start->recorded;
  *milliseconds = elapsed.count();
  return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  const bool there = Handles<CUevent_st>::all().remove(event);
  return there ? cudaSuccess : keep_error(cudaErrorInvalidResourceHandle);
}
