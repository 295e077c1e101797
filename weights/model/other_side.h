/// Networks of one output: its score's other side as a second class.
#pragma once

#include "weights/model/model_file.h"

namespace hdecomp {

/// A network of one output says by the sigmoid of its score how sure it is of its class; minus the
/// score speaks for the other side. Makes that a second output: (w, b) and (-w, -b). Only where the
/// score is a layer's sum without an activation; other networks stay as they are.
void add_other_side(ModelData& model);

/// Whether add_other_side() has done so. The model's file has one output all the same.
bool has_other_side(const ModelData& model);

}  // namespace hdecomp
