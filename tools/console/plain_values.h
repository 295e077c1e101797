/// What every flag's value must look like, whatever it stands for.
#pragma once

#include <CLI/CLI.hpp>

namespace hdecomp::tools {

/// Has each verb's flags and arguments refuse an empty value, and numbers refuse all but plain
/// decimal ones: CLI11 alone takes 0x10 for 16, 010 for 8, and -1 for the largest unsigned number.
/// To be called when all flags are there.
void require_plain_values(CLI::App& app);

}  // namespace hdecomp::tools
