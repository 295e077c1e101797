/// Which memory an address belongs to, for the emulated runtime's own files.
#pragma once

#include <cstddef>

namespace emulator {

enum class MemoryKind { host, device, device_beyond_end };

/// Of `bytes` bytes from this address on. What cudaMalloc did not give is the host's.
MemoryKind memory_kind(const void* memory, size_t bytes);

}  // namespace emulator
