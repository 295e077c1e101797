/// A results file in which every image is pending.
#pragma once

#include <string>

#include "hdecomp/results_file.h"

namespace hdecomp {

/// Writes a file of this plan with every image pending: always the same bytes, whole or, on any
/// failure (UserError; FileExists for a file that is there), not at all. Takes memory for the names
/// of the images, not for their rows.
void write_empty_results(const std::string& path, const ResultsPlan& plan);

}  // namespace hdecomp
