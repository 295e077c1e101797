/// Which class of a photograph is explained: the beginning of every tree.
#pragma once

#include <string>

#include "runtime/explain/network_runner.h"

namespace hdecomp {

/// The class of a name, or -1 where that is empty. Throws UserError for a name of no class.
int64_t asked_class(const Model& model, const std::string& name);

/// Class `asked`, or the image's most probable one where that is -1, from a run that was waited
/// for. Throws UserError, one line, where a feature is not finite.
ClassScore choose(NetworkRunner& network, const ForwardRun& run, int64_t image, const Image& photo,
                  int64_t asked);
/// Runs a batch of images, and chooses so for each of them.
std::vector<ClassScore> choose(NetworkRunner& network, std::span<const Image> images,
                               int64_t asked);
/// The first as a decision to decompose. Throws UserError where the score is not positive, too.
ClassScore decide(NetworkRunner& network, const ForwardRun& run, int64_t image, const Image& photo,
                  int64_t asked);

/// That class as the root of the image's tree; each image's row is its own.
ValuedNeuron root_of(const ClassScore& decision, int64_t image);

}  // namespace hdecomp
