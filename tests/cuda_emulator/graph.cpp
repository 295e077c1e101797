/// Stream capture and graphs: a graph is the list of what was recorded, done in that order.
#include "cuda_emulator.h"
#include "cuda_runtime_api.h"
#include "state.h"
#include "stream.h"

using emulator::Capture;
using emulator::Handles;
using emulator::keep_error;

namespace {

/// All streams of the capture go back to working at once.
void end_capture(const std::shared_ptr<Capture>& capture) {
  capture->ended = true;
  emulator::unregister_capture(capture.get());
  Handles<CUstream_st>::all().each([&](CUstream_st& stream) {
    if (stream.capture == capture) stream.capture.reset();
  });
}

}  // namespace

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode) {
  if (mode < cudaStreamCaptureModeGlobal || mode > cudaStreamCaptureModeRelaxed) {
    return keep_error(cudaErrorInvalidValue);
  }
  if (stream == nullptr) return keep_error(cudaErrorStreamCaptureUnsupported);
  CUstream_st* state = emulator::find_stream(stream);
  if (state == nullptr) return keep_error(cudaErrorInvalidResourceHandle);
  if (state->capture) return emulator::break_capture(*state, cudaErrorIllegalState);
  if (state->error != cudaSuccess) return keep_error(state->error);
  state->capture = std::make_shared<Capture>();
  state->capture->mode = mode;
  state->capture->thread = std::this_thread::get_id();
  state->capture->origin = state;
  emulator::register_capture(state->capture);
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  if (graph == nullptr) return keep_error(cudaErrorInvalidValue);
  *graph = nullptr;
  CUstream_st* state = emulator::find_stream(stream);
  if (state == nullptr) return keep_error(cudaErrorInvalidResourceHandle);
  if (!state->capture) return keep_error(cudaErrorIllegalState);
  const std::shared_ptr<Capture> capture = state->capture;
  if (capture->origin != state) {
    return emulator::break_capture(*state, cudaErrorStreamCaptureUnmatched);
  }
  if (capture->mode != cudaStreamCaptureModeRelaxed &&
      capture->thread != std::this_thread::get_id()) {
    return keep_error(cudaErrorStreamCaptureWrongThread);
  }
  end_capture(capture);
  if (!capture->valid) return keep_error(cudaErrorStreamCaptureInvalidated);
  if (!capture->unjoined.empty()) return keep_error(cudaErrorStreamCaptureUnjoined);
  *graph = Handles<CUgraph_st>::all().add();
  (*graph)->nodes = std::make_shared<const emulator::Nodes>(std::move(capture->nodes));
  return cudaSuccess;
}

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status) {
  const CUstream_st* state = emulator::find_stream(stream);
  if (status == nullptr) return keep_error(cudaErrorInvalidValue);
  if (state == nullptr) return keep_error(cudaErrorInvalidResourceHandle);
  *status = !state->capture         ? cudaStreamCaptureStatusNone
            : state->capture->valid ? cudaStreamCaptureStatusActive
                                    : cudaStreamCaptureStatusInvalidated;
  return cudaSuccess;
}

cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t* nodes, size_t* count) {
  if (nodes != nullptr) return keep_error(cudaErrorNotSupported);
  if (count == nullptr || !Handles<CUgraph_st>::all().has(graph)) {
    return keep_error(cudaErrorInvalidValue);
  }
  *count = graph->nodes->size();
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph,
                                 unsigned long long flags) {
  if (executable == nullptr || !Handles<CUgraph_st>::all().has(graph)) {
    return keep_error(cudaErrorInvalidValue);
  }
  if (flags != 0) return keep_error(cudaErrorNotSupported);
  *executable = Handles<CUgraphExec_st>::all().add();
  (*executable)->nodes = graph->nodes;
  return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  if (!Handles<CUgraphExec_st>::all().has(executable)) return keep_error(cudaErrorInvalidValue);
  return emulator::submit(stream, [nodes = executable->nodes] {
    for (const auto& node : *nodes) {
      if (emulator::running_stream_failed()) return;
      node();
    }
  });
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  const bool there = Handles<CUgraphExec_st>::all().remove(executable);
  return there ? cudaSuccess : keep_error(cudaErrorInvalidValue);
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  const bool there = Handles<CUgraph_st>::all().remove(graph);
  return there ? cudaSuccess : keep_error(cudaErrorInvalidValue);
}
