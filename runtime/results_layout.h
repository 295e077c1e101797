/// Where the parts of a results file (tools/RESULTS_FORMAT.md) lie.
#pragma once

#include <sys/types.h>

#include <vector>

#include "hdecomp/results_file.h"

namespace hdecomp {

/// Bytes from the beginning of the file; every array is contiguous, images first.
struct ResultsLayout {
  off_t state = 0;            // (images) uint8
  off_t decision = 0;         // (images) int32
  std::vector<off_t> fields;  // (images, extent...) float32, as ResultsPlan::fields
};

/// The bytes of a file of this plan with every image pending: always the same ones.
std::vector<uint8_t> empty_results(const ResultsPlan& plan);

/// The layout of a file, whose every extent and address is checked. Throws UserError that names the
/// file and what differs from the plan, or what is damaged.
ResultsLayout read_layout(const std::string& path, const ResultsPlan& plan);

}  // namespace hdecomp
