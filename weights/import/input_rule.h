/// The input rule of a converted network: what the user says, and for the rest the framework's own.
#pragma once

#include <string>

#include "hdecomp/conversion.h"
#include "weights/file/tensor_file.h"

namespace hdecomp {

struct InputRule {
  Preprocess rule;  // for RGB on 0 to 1, as a model file has it
  ConversionNotes notes;
};

/// `usual`: what holds where the user says nothing. `grey`: the network reads one channel.
/// Throws UserError that names the flag at fault, or `path` where the rule makes no sense.
InputRule input_rule(Dialect dialect, const InputStatement& said, const Preprocess& usual,
                     bool grey, const std::string& path);

}  // namespace hdecomp
