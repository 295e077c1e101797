/// What a conversion tells its user to check.
#pragma once

#include <string>
#include <vector>

#include "weights/model/model_file.h"

namespace hdecomp {

/// Appends to `said` what tensors' shapes cannot tell of a known architecture. `epsilon`: of its
/// batch norms; `some_absent`: it has shortcuts without weights.
void say_what_shapes_cannot_tell(const ModelData& model, double epsilon, bool some_absent,
                                 std::vector<std::string>& said);

}  // namespace hdecomp
