/// The C interface's models, images and explainers.
#include "hdecomp/error.h"
#include "hdecomp/tensor_image.h"
#include "runtime/c_api/handles.h"

namespace {

using namespace hdecomp;
using namespace hdecomp::c_api;

std::span<const uint8_t> bytes_of(const void* bytes, size_t size) {
  if (bytes == nullptr && size > 0) throw UserError("bytes is NULL");
  return {static_cast<const uint8_t*>(bytes), size};
}

PixelView view_of(const hdecomp_pixels& pixels) {
  PixelView view{bytes_of(pixels.bytes, pixels.size), pixels.height, pixels.width};
  if (pixels.channels != 0) view.channels = pixels.channels;
  view.row_stride = pixels.row_stride;
  view.pixel_stride = pixels.pixel_stride;
  view.channel_stride = pixels.channel_stride;
  view.order = pixels.bgr != 0 ? ChannelOrder::bgr : ChannelOrder::rgb;
  return view;
}

/// As many values as the shape says, which is looked at before any of them.
TensorView tensor_of(const float* values, const int64_t* shape, size_t rank,
                     const Preprocess& rule) {
  if (rank < 3 || rank > 4) throw UserError(joined("a tensor of rank ", rank, "; give 3 or 4"));
  TensorView view{{}, {&required(shape, "shape"), shape + rank}};
  if (rank == 4 && shape[0] != 1) throw UserError("a tensor of several images; give one at a time");
  const size_t values_wanted = Image::channels * rule.crop.height * rule.crop.width;
  view.values = {&required(values, "values"), values_wanted};  // of another shape nothing is read
  return view;
}

}  // namespace

extern "C" {

hdecomp_status hdecomp_model_load(const char* path, hdecomp_model** model) {
  return guarded([&] {
    required(model, "model");
    put(model, Model::load(&required(path, "path")));
  });
}

hdecomp_status hdecomp_model_load_bytes(const void* bytes, size_t size, const char* name,
                                        hdecomp_model** model) {
  return guarded([&] {
    required(model, "model");
    const std::string shown = name == nullptr ? "model in memory" : name;
    put(model, Model::load(bytes_of(bytes, size), shown));
  });
}

hdecomp_status hdecomp_model_bundled(const char* name, hdecomp_model** model) {
  return guarded([&] {
    required(model, "model");
    put(model, Model::bundled(text_of(name)));
  });
}

hdecomp_status hdecomp_model_initialise(const char* arch, uint64_t seed, int64_t classes,
                                        int64_t side, hdecomp_model** model) {
  return guarded([&] {
    required(model, "model");
    put(model,
        Model::initialise(&required(arch, "arch"), seed, classes == 0 ? 1000 : classes, side));
  });
}

void hdecomp_model_free(hdecomp_model* model) { delete model; }

hdecomp_status hdecomp_image_load(const char* path, hdecomp_image** image) {
  return guarded([&] {
    required(image, "image");
    put(image, Image::load(&required(path, "path")));
  });
}

hdecomp_status hdecomp_image_decode(const void* bytes, size_t size, const char* name,
                                    hdecomp_image** image) {
  return guarded([&] {
    required(image, "image");
    const std::string shown = name == nullptr ? "image in memory" : name;
    put(image, Image::decode(bytes_of(bytes, size), shown));
  });
}

hdecomp_status hdecomp_image_from_pixels(const hdecomp_pixels* pixels, hdecomp_image** image) {
  return guarded([&] {
    required(image, "image");
    put(image, image_of(view_of(options_of(&required(pixels, "pixels"), "pixels"))));
  });
}

hdecomp_status hdecomp_image_from_input(const hdecomp_model* model, const float* values,
                                        const int64_t* shape, size_t rank, hdecomp_image** image) {
  return guarded([&] {
    required(image, "image");
    const Preprocess& rule = required(model, "model").model.preprocess();
    put(image, std::move(input_images(tensor_of(values, shape, rank, rule), rule).front()));
  });
}

hdecomp_status hdecomp_image_upright(hdecomp_image* image) {
  return guarded([&] {
    Image& its = required(image, "image").image;
    its = upright(std::move(its));
  });
}

hdecomp_status hdecomp_image_get(const hdecomp_image* image, hdecomp_image_info* info) {
  return guarded([&] {
    const Image& its = required(image, "image").image;
    give(hdecomp_image_info{0, its.height, its.width}, info, "info");
  });
}

void hdecomp_image_free(hdecomp_image* image) { delete image; }

hdecomp_status hdecomp_explainer_new(const hdecomp_model* model,
                                     const hdecomp_engine_options* options,
                                     hdecomp_explainer** explainer) {
  return guarded([&] {
    required(explainer, "explainer");
    const hdecomp_engine_options given = options_of(options, "options");
    EngineOptions engine;
    take_engine(given, engine);
    engine.keep_last = given.keep_last != 0;
    put(explainer, Explainer(required(model, "model").model, engine));
  });
}

hdecomp_status hdecomp_explainer_get(const hdecomp_explainer* explainer,
                                     hdecomp_explainer_info* info) {
  return guarded([&] {
    const hdecomp_explainer& its = required(explainer, "explainer");
    give(hdecomp_explainer_info{0, its.device.c_str(), its.explainer.batch()}, info, "info");
  });
}

int64_t hdecomp_gpu_count(void) {
  return count_of([] { return std::ssize(gpu_devices()); });
}

void hdecomp_explainer_free(hdecomp_explainer* explainer) { delete explainer; }

}  // extern "C"
