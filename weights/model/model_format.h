/// What reader and writer of the model file share: the format's name and version, and the checks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "weights/model/model_file.h"

namespace hdecomp {

constexpr const char* model_format = "hdecomp-model";
/// 1: a known architecture, float32. 2: also a general graph, and weights of 16 bits.
/// 3: also inputs that are no squares.
constexpr int64_t model_format_version = 3;

/// As the file has it: "bilinear", "bicubic" or "nearest".
const char* interpolation_name(Interpolation interpolation);

/// Throws UserError if sizes or the normalisation make no sense; `name` begins the line.
void check_preprocess(const Preprocess& rule, const std::string& name);

/// Throws UserError unless the class names and WordNet ids are none or one per class.
void check_class_lists(const ModelData& model, const std::string& name);

/// Throws UserError: the value at a position of a tensor is not finite. `name` begins the line.
[[noreturn]] void refuse_not_finite(const std::string& name, const std::string& tensor,
                                    const Tensor& given, int64_t position);

/// "(64, 3, 7, 7)" for an extent that may be no valid Shape.
std::string dims_text(const std::vector<int64_t>& dims);

}  // namespace hdecomp
