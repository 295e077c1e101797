/// The C interface's conversion of other frameworks' weights.
#include "hdecomp/error.h"
#include "runtime/c_api/handles.h"

namespace {

using namespace hdecomp;
using namespace hdecomp::c_api;

std::vector<float> numbers_of(const float* numbers, size_t count, const char* name) {
  if (count == 0) return {};
  if (count != 1 && count != 3) throw UserError(joined(name, " of ", count, "; give 3 or 1"));
  return {&required(numbers, name), numbers + count};
}

InputStatement statement_of(const hdecomp_convert_options& given) {
  InputStatement said;
  if ((given.resize_height == 0) != (given.resize_width == 0)) {
    throw UserError("give both resize_height and resize_width");
  }
  if (given.resize_height != 0) {
    said.resize = given.stretch != 0 ? Resize::stretch : Resize::cover;
    said.size = {given.resize_height, given.resize_width};
  }
  if (given.crop_height != 0 || given.crop_width != 0) {
    said.crop = {given.crop_height, given.crop_width};
  }
  said.mean = numbers_of(given.mean, given.mean_count, "mean");
  said.std = numbers_of(given.std, given.std_count, "std");
  if (given.channel_order != nullptr) {
    choose(said.channel_order.emplace(), "channel_order", given.channel_order, channel_orders);
  }
  if (given.interpolation != nullptr) {
    choose(said.interpolation.emplace(), "interpolation", given.interpolation, interpolations);
  }
  if (given.pixel_range != 0) said.pixel_range = given.pixel_range;
  return said;
}

ConvertOptions convert_options(const hdecomp_convert_options& given) {
  ConvertOptions options;
  options.arch = text_of(given.arch);
  options.classes_file = text_of(given.classes);
  options.key = text_of(given.key);
  options.stride_in_1x1 = stride_in_1x1_of(given.bottleneck_strides);
  options.input = statement_of(given);
  options.stages = texts_of(given.stages, given.stage_count, "stages");
  options.weights_16 = given.weights_16 != 0;
  return options;
}

}  // namespace

extern "C" {

hdecomp_status hdecomp_model_convert(const char* path, const hdecomp_convert_options* options,
                                     hdecomp_model** model) {
  return guarded([&] {
    required(model, "model");
    put(model,
        Model::convert(&required(path, "path"), convert_options(options_of(options, "options"))));
  });
}

}  // extern "C"
