/// cuBLAS and cuDNN are loaded when a GPU is first asked for: a program with the CUDA backend
/// starts, and runs on the CPU, where they are not installed, and takes no memory for them there.
#pragma once

namespace hdecomp::cuda {

/// Whether both libraries can be loaded. Never throws.
bool libraries_found() noexcept;

/// Loads both. Throws UserError, one line that names the library and what would help.
void require_libraries();

}  // namespace hdecomp::cuda
