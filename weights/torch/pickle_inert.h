/// The things that training scripts save beside a state dict: known by name, and never made.
#pragma once

#include <string_view>

namespace hdecomp {

/// Whether MODULE.NAME is in the closed list: plain containers and numbers of Python, numpy's
/// scalars and arrays, dates, paths, argparse's and Lightning's parameters, torch's types.
bool is_inert_global(std::string_view module, std::string_view name);

}  // namespace hdecomp
