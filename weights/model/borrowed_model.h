/// What networks that are made of another one take from it: weights are borrowed, not copied.
#pragma once

#include <memory>

#include "weights/model/model_file.h"

namespace hdecomp {

/// A network that says of itself what `model` does (parameters, preprocessing, classes, source),
/// and keeps it, whose weights it is to borrow. Graph and layers are empty.
std::shared_ptr<ModelData> described_as(const std::shared_ptr<const ModelData>& model);

/// The same weights: `layer` must outlive them.
LayerWeights borrowed(const LayerWeights& layer);

}  // namespace hdecomp
