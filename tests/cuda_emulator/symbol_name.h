/// Names of functions from their addresses.
#pragma once

#include <string>

namespace emulator {

/// The function's name without its parameters, as the source has it; its address if the program's
/// symbols were stripped. Slow: reads the program's file.
std::string symbol_name(const void* function);

}  // namespace emulator
