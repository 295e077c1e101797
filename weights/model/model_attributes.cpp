/// Reads a model file's attributes.
#include "weights/model/model_attributes.h"

#include <array>

#include "hdecomp/error.h"
#include "weights/file/in_quotes.h"
#include "weights/model/model_format.h"

namespace hdecomp {
namespace {

std::array<float, 3> three(const Hdf5Reader& reader, const std::string& path, const char* name) {
  const std::vector<float> values = reader.floats_attribute(name);
  if (values.size() != 3) throw UserError(joined(path, ": attribute '", name, "' needs 3 numbers"));
  return {values[0], values[1], values[2]};
}

/// Bilinear where an older file does not say it.
Interpolation read_interpolation(const Hdf5Reader& reader, const std::string& path) {
  if (!reader.has_attribute("interpolation")) return Interpolation::bilinear;
  const std::string name = reader.text_attribute("interpolation");
  for (const Interpolation each :
       {Interpolation::bilinear, Interpolation::bicubic, Interpolation::nearest}) {
    if (name == interpolation_name(each)) return each;
  }
  throw UserError(joined(path, ": attribute 'interpolation' is ", in_quotes(name),
                         "; expected 'bilinear', 'bicubic' or 'nearest'"));
}

/// One number of a square; height and width from version 3 on.
PixelSize read_size(const Hdf5Reader& reader, const std::string& path, const char* name) {
  const std::vector<int64_t> sides = reader.ints_attribute(name);
  if (sides.size() == 1) return sides[0];
  if (sides.size() != 2 || reader.int_attribute("format_version") < 3)
    throw UserError(joined(path, ": attribute '", name, "' is not one number"));
  return {sides[0], sides[1]};
}

/// By the names that the size has, square or not.
Resize read_resize(const Hdf5Reader& reader, const std::string& path, const PixelSize& size) {
  const std::string name = reader.text_attribute("resize");
  std::string expected;
  for (const Resize each : {Resize::cover, Resize::stretch}) {
    const char* known = resize_name({.resize = each, .size = size});
    if (name == known) return each;
    expected += joined(expected.empty() ? "'" : " or '", known, "'");
  }
  throw UserError(joined(path, ": attribute 'resize' is ", in_quotes(name), "; expected ", expected,
                         " with a size of ", size));
}

}  // namespace

Preprocess read_preprocess(const Hdf5Reader& reader, const std::string& path) {
  Preprocess rule;
  rule.size = read_size(reader, path, "resize_size");
  rule.resize = read_resize(reader, path, rule.size);
  rule.interpolation = read_interpolation(reader, path);
  rule.crop = read_size(reader, path, "crop");
  rule.mean = three(reader, path, "mean");
  rule.std = three(reader, path, "std");
  check_preprocess(rule, path);
  return rule;
}

NetParams read_params(const Hdf5Reader& reader, const std::string& path) {
  NetParams params;
  params.arch = reader.text_attribute("arch");
  const std::string shown = in_quotes(params.arch);
  if (shown != "'" + params.arch + "'") {
    throw UserError(joined(path, ": unknown architecture ", shown));
  }

  params.widths = reader.ints_attribute("widths");
  params.hidden_units = reader.ints_attribute("hidden_units");
  params.classes = reader.int_attribute("class_count");
  params.input_size = read_size(reader, path, "crop");
  params.pool_size = reader.int_attribute("pool_size");
  params.stride_in_1x1 = reader.int_attribute("stride_in_1x1") != 0;
  return params;
}

}  // namespace hdecomp
