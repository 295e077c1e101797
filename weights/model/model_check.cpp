/// The checks that every model passes, whatever file it came from.
#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"
#include "weights/file/finite.h"
#include "weights/file/in_quotes.h"
#include "weights/model/model_format.h"

namespace hdecomp {
namespace {

void check_tensor(const std::string& name, const std::string& tensor, const Tensor& given,
                  const Shape& wanted) {
  if (given.shape() != wanted || given.data() == nullptr) {
    throw UserError(
        joined(name, ": tensor ", tensor, " has shape ", given.shape(), ", expected ", wanted));
  }
  const int64_t bad = first_not_finite(given.span());
  if (bad >= 0) refuse_not_finite(name, tensor, given, bad);
}

/// Class names are printed as they are, and may come from anyone: none may command a terminal.
void check_printable(const std::string& class_name, const std::string& name) {
  const auto is_control = [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; };
  if (std::ranges::none_of(class_name, is_control)) return;
  throw UserError(joined(name, ": class name ", in_quotes(class_name),
                         " has control characters; give names of one line of text"));
}

}  // namespace

void refuse_not_finite(const std::string& name, const std::string& tensor, const Tensor& given,
                       int64_t position) {
  throw UserError(joined(name, ": tensor ", tensor, " holds ", given.data()[position],
                         " at element ", position, "; weights must be finite"));
}

std::string dims_text(const std::vector<int64_t>& dims) {
  std::string result = "(";
  for (size_t i = 0; i < dims.size(); ++i) result += (i > 0 ? ", " : "") + std::to_string(dims[i]);
  return result + ")";
}

const char* interpolation_name(Interpolation interpolation) {
  switch (interpolation) {
    case Interpolation::bicubic:
      return "bicubic";
    case Interpolation::nearest:
      return "nearest";
    default:
      return "bilinear";
  }
}

void check_preprocess(const Preprocess& rule, const std::string& name) {
  const bool fits =
      PixelSize(1).fits_in(rule.crop) && rule.crop.fits_in(rule.size) && rule.size.fits_in(4096);
  if (!fits) {
    throw UserError(joined(name, ": resize to ", rule.size, " and crop ", rule.crop,
                           "; sizes must be 1 to 4096 and the crop at most the resize"));
  }
  for (int i = 0; i < 3; ++i) {
    if (!std::isfinite(rule.mean[i]) || !std::isfinite(rule.std[i]) || rule.std[i] <= 0) {
      throw UserError(joined(name, ": mean ", rule.mean[i], " and std ", rule.std[i],
                             "; they must be finite and std above 0"));
    }
  }
}

void check_class_lists(const ModelData& model, const std::string& name) {
  const size_t classes = model.params.classes;
  for (const auto* list : {&model.classes, &model.wnids}) {
    for (const std::string& each : *list) check_printable(each, name);
    if (!list->empty() && list->size() != classes) {
      throw UserError(joined(name, ": ", list->size(), " class names for ", classes, " classes"));
    }
  }
}

void check_weights(const ModelData& model, const std::string& name) {
  for (int i = 0; i <= model.graph.scores(); ++i) {
    const Node& node = model.graph.nodes[i];
    if (!has_weights(node)) continue;
    check_tensor(name, node.name + "/weight", model.layers.at(i).weight,
                 Shape(weight_dims(model.graph, i)));
    const Shape bias(bias_dims(model.graph, i));
    if (bias.rank() > 0) check_tensor(name, node.name + "/bias", model.layers.at(i).bias, bias);
  }
}

}  // namespace hdecomp
