/// What a converted model says of itself: its classes and where it comes from.
#pragma once

#include <string>

#include "weights/model/model_file.h"

namespace hdecomp {

/// Class names and WordNet ids from a file, in any form of weights/file/class_names.h; none where
/// `classes_file` is empty. Throws UserError if they are not as many as the network's outputs.
void read_classes(ModelData& model, const std::string& classes_file);

/// The file's name without its folder, and its SHA-256.
std::string source_of(const std::string& path);

}  // namespace hdecomp
