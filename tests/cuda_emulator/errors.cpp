/// Error codes as text, the last error of each thread, and the list of faults.
#include <mutex>
#include <string>
#include <vector>

#include "cuda_emulator.h"
#include "cuda_runtime_api.h"
#include "state.h"
#include "stream.h"

namespace {

struct ErrorText {
  cudaError_t code;
  const char* name;
  const char* meaning;
};

constexpr ErrorText kErrors[] = {
    {cudaSuccess, "cudaSuccess", "success"},
    {cudaErrorInvalidValue, "cudaErrorInvalidValue", "bad argument"},
    {cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation", "no memory left (out of memory)"},
    {cudaErrorInitializationError, "cudaErrorInitializationError", "start of the runtime failed"},
    {cudaErrorInvalidConfiguration, "cudaErrorInvalidConfiguration", "bad grid or block size"},
    {cudaErrorInvalidPitchValue, "cudaErrorInvalidPitchValue", "bad pitch"},
    {cudaErrorInvalidSymbol, "cudaErrorInvalidSymbol", "bad symbol"},
    {cudaErrorInvalidDevicePointer, "cudaErrorInvalidDevicePointer", "bad device pointer"},
    {cudaErrorInvalidMemcpyDirection, "cudaErrorInvalidMemcpyDirection", "bad copy direction"},
    {cudaErrorInsufficientDriver, "cudaErrorInsufficientDriver", "the driver is too old"},
    {cudaErrorInvalidDeviceFunction, "cudaErrorInvalidDeviceFunction", "bad kernel"},
    {cudaErrorNoDevice, "cudaErrorNoDevice", "there is no CUDA device"},
    {cudaErrorInvalidDevice, "cudaErrorInvalidDevice", "there is no device of this number"},
    {cudaErrorNoKernelImageForDevice, "cudaErrorNoKernelImageForDevice", "no code for the device"},
    {cudaErrorInvalidResourceHandle, "cudaErrorInvalidResourceHandle", "bad handle"},
    {cudaErrorIllegalState, "cudaErrorIllegalState", "not in this state"},
    {cudaErrorNotReady, "cudaErrorNotReady", "not done yet"},
    {cudaErrorIllegalAddress, "cudaErrorIllegalAddress", "access to memory that is not there"},
    {cudaErrorLaunchOutOfResources, "cudaErrorLaunchOutOfResources", "too many registers"},
    {cudaErrorLaunchFailure, "cudaErrorLaunchFailure", "a kernel failed"},
    {cudaErrorNotPermitted, "cudaErrorNotPermitted", "not allowed"},
    {cudaErrorNotSupported, "cudaErrorNotSupported", "not supported"},
    {cudaErrorStreamCaptureUnsupported, "cudaErrorStreamCaptureUnsupported",
     "not allowed while a stream captures"},
    {cudaErrorStreamCaptureInvalidated, "cudaErrorStreamCaptureInvalidated",
     "an earlier error broke the capture"},
    {cudaErrorStreamCaptureMerge, "cudaErrorStreamCaptureMerge", "two captures would merge"},
    {cudaErrorStreamCaptureUnmatched, "cudaErrorStreamCaptureUnmatched",
     "the capture began on another stream"},
    {cudaErrorStreamCaptureUnjoined, "cudaErrorStreamCaptureUnjoined",
     "a forked stream was not joined"},
    {cudaErrorStreamCaptureIsolation, "cudaErrorStreamCaptureIsolation",
     "a dependency crosses the capture's border"},
    {cudaErrorStreamCaptureImplicit, "cudaErrorStreamCaptureImplicit",
     "the default stream used during a capture"},
    {cudaErrorCapturedEvent, "cudaErrorCapturedEvent", "the event was recorded in a capture"},
    {cudaErrorStreamCaptureWrongThread, "cudaErrorStreamCaptureWrongThread",
     "the capture began in another thread"},
    {cudaErrorUnknown, "cudaErrorUnknown", "unknown error"},
};

const ErrorText* find_error(cudaError_t error) {
  for (const ErrorText& entry : kErrors) {
    if (entry.code == error) return &entry;
  }
  return nullptr;
}

thread_local cudaError_t last_error = cudaSuccess;

struct FaultList {
  std::mutex mutex;
  std::vector<std::string> lines;
  static FaultList& all() {
    static FaultList list;
    return list;
  }
};

}  // namespace

namespace emulator {

cudaError_t keep_error(cudaError_t error) {
  if (error != cudaSuccess) last_error = error;
  return error;
}

void report_fault(const std::string& line) {
  {
    FaultList& list = FaultList::all();
    const std::lock_guard lock(list.mutex);
    list.lines.push_back(line);
  }
  fail_running_stream(cudaErrorLaunchFailure);
}

std::vector<std::string> faults() {
  FaultList& list = FaultList::all();
  const std::lock_guard lock(list.mutex);
  return list.lines;
}

void clear_faults() {
  {
    FaultList& list = FaultList::all();
    const std::lock_guard lock(list.mutex);
    list.lines.clear();
  }
  clear_stream_errors();
  last_error = cudaSuccess;
}

}  // namespace emulator

const char* cudaGetErrorName(cudaError_t error) {
  const ErrorText* entry = find_error(error);
  return entry != nullptr ? entry->name : "unrecognized error code";
}
const char* cudaGetErrorString(cudaError_t error) {
  const ErrorText* entry = find_error(error);
  return entry != nullptr ? entry->meaning : "unrecognized error code";
}
cudaError_t cudaGetLastError() {
  const cudaError_t error = last_error;
  last_error = cudaSuccess;
  return error;
}
cudaError_t cudaPeekAtLastError() { return last_error; }
