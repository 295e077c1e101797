/// A model's weights in the memory of the device that computes with them.
#pragma once

#include <memory>

#include "kernels/core/context.h"
#include "weights/model/model_file.h"

namespace hdecomp {

/// The model itself on the CPU, else a copy whose weights lie on the context's device: one for all
/// who hold it.
std::shared_ptr<const ModelData> on_device(const Context& context,
                                           std::shared_ptr<const ModelData> model);

}  // namespace hdecomp
