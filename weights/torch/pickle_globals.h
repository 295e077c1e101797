/// The names of the globals that a pickle may ask for.
#pragma once

#include <string_view>

#include "weights/torch/pickle.h"

namespace hdecomp {

struct PickleGlobalName {
  std::string_view module;
  std::string_view name;
  PickleGlobal global;
};

/// _rebuild_tensor and Parameter are what PyTorch before 0.4 wrote; some of torchvision's files are
/// that old.
inline constexpr PickleGlobalName pickle_global_names[] = {
    {"collections", "OrderedDict", PickleGlobal::ordered_dict},
    {"collections", "defaultdict", PickleGlobal::default_dict},
    {"torch", "Size", PickleGlobal::size},
    {"torch._utils", "_rebuild_tensor", PickleGlobal::rebuild_tensor},
    {"torch._utils", "_rebuild_tensor_v2", PickleGlobal::rebuild_tensor_v2},
    {"torch._utils", "_rebuild_parameter", PickleGlobal::rebuild_parameter},
    {"torch.nn.parameter", "Parameter", PickleGlobal::parameter},
    {"torch", "FloatStorage", PickleGlobal::float_storage},
    {"torch", "DoubleStorage", PickleGlobal::double_storage},
    {"torch", "HalfStorage", PickleGlobal::half_storage},
    {"torch", "BFloat16Storage", PickleGlobal::bfloat16_storage},
    {"torch", "LongStorage", PickleGlobal::long_storage},
    {"torch", "IntStorage", PickleGlobal::int_storage},
    {"torch", "ShortStorage", PickleGlobal::short_storage},
    {"torch", "CharStorage", PickleGlobal::char_storage},
    {"torch", "ByteStorage", PickleGlobal::byte_storage},
    {"torch", "BoolStorage", PickleGlobal::bool_storage},
};

}  // namespace hdecomp
