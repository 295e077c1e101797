/// The linear layers at the end of a foreign network, whatever it calls them and however many it
/// has.
#pragma once

#include <string>

#include "nets/family.h"
#include "weights/file/tensor_file.h"

namespace hdecomp {

/// Finds the file's linear layers (fc.1 of a Sequential, timm's pre_logits.fc1 and head.fc, Keras's
/// dense_1, ...), gives them the names that the architecture has for as many, sets
/// params.hidden_units to their number less one, and says in file.remarks what is assumed of them.
/// An architecture without linear layers (SqueezeNet scores with a convolution) keeps its layers.
/// Batch norms among them are folded in. If the file has nothing after its convolutions,
/// params.classes becomes 0. Throws UserError that begins with `lead`.
void name_head(TensorFile& file, NetParams& params, const std::string& lead);

}  // namespace hdecomp
