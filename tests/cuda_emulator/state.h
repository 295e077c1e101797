/// What the emulated runtime keeps about errors and devices, for its own files.
#pragma once

#include "driver_types.h"

namespace emulator {

/// Keeps a failure for cudaGetLastError. Returns its argument.
cudaError_t keep_error(cudaError_t error);
/// cudaSuccess, or why no device can be used now.
cudaError_t check_device();
/// cudaSuccess, or the error of a call that no capture allows; every capture that it breaks becomes
/// invalid then.
cudaError_t check_unsafe_call();
/// The error of the first stream that has one, which is cleared.
cudaError_t take_any_stream_error();
void clear_stream_errors();

size_t device_memory_bytes();

constexpr size_t kSharedBytes = 48 * 1024;
constexpr size_t kSharedBytesOptIn = 227 * 1024;
constexpr int kMaxThreads = 1024;
constexpr int kMaxThreadsZ = 64;
constexpr int kMaxGridX = 2147483647;
constexpr int kMaxGridYZ = 65535;

}  // namespace emulator
