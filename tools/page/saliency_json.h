/// What the command and the page tell of a saliency map beside its picture.
#pragma once

#include "hdecomp/json_writer.h"
#include "hdecomp/saliency.h"

namespace hdecomp::tools {

/// Members of the object that is begun: method, layer, channels, height, width, ms; of integrated
/// gradients sum and difference; of gap leaves and paths.
void put_saliency(JsonWriter& json, const SaliencyMap& map);

}  // namespace hdecomp::tools
