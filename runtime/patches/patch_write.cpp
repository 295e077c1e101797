/// Writes the patches file (tools/RESULTS_FORMAT.md).
#include <algorithm>
#include <array>
#include <map>

#include "runtime/patches/patch_content.h"
#include "runtime/patches/patch_format.h"
#include "weights/file/atomic_file.h"
#include "weights/hdf5/hdf5_attributes.h"
#include "weights/hdf5/hdf5_memory.h"

namespace hdecomp {
namespace {

/// Crops as they lie in the file: those of one place once.
class CropTable {
 public:
  int32_t number_of(size_t layer, const Patch& patch) {
    const auto [entry, is_new] = numbers_.try_emplace({layer, patch.image, patch.y, patch.x},
                                                      static_cast<int32_t>(begins_.size() - 1));
    if (is_new) {
      data_.insert(data_.end(), patch.crop->begin(), patch.crop->end());
      begins_.push_back(std::ssize(data_));
    }
    return entry->second;
  }

  void write(hid_t file) const {
    const H5Handle group = create_group(file, "crops");
    write_dataset(group, "begin", {begins_.size()}, H5T_STD_I64LE, H5T_NATIVE_INT64,
                  begins_.data());
    write_dataset(group, "jpeg", {data_.size()}, H5T_STD_U8LE, H5T_NATIVE_UINT8, data_.data());
  }

 private:
  std::map<std::tuple<size_t, int32_t, int32_t, int32_t>, int32_t> numbers_;
  std::vector<int64_t> begins_{0};
  std::vector<uint8_t> data_;
};

/// A layer's arrays, (channels, K, ...).
struct LayerArrays {
  explicit LayerArrays(size_t patches)
      : value(patches),
        image(patches, -1),
        place(place_numbers * patches, -1),
        box(box_numbers * patches, -1),
        crop(patches, -1) {}

  std::vector<float> value;  // 0 where there is none
  std::vector<int32_t> image, place, box, crop;
};

void write_layer(hid_t group, size_t number, const BestPatches& best, CropTable& crops) {
  const auto channels = static_cast<hsize_t>(best.channels());
  const auto keep = static_cast<hsize_t>(best.keep());
  LayerArrays arrays(channels * keep);
  for (hsize_t c = 0; c < channels; ++c) {
    size_t at = c * keep;
    for (const Patch& patch : best.of(static_cast<int64_t>(c))) {
      arrays.value[at] = patch.value;
      arrays.image[at] = patch.image;
      const std::array<int64_t, place_numbers> place{patch.y, patch.x};
      const std::array<int64_t, box_numbers> box{patch.box.y, patch.box.x, patch.box.height,
                                                 patch.box.width};
      std::ranges::transform(place, arrays.place.begin() + static_cast<long>(place_numbers * at),
                             [](int64_t n) { return static_cast<int32_t>(n); });
      std::ranges::transform(box, arrays.box.begin() + static_cast<long>(box_numbers * at),
                             [](int64_t n) { return static_cast<int32_t>(n); });
      arrays.crop[at] = crops.number_of(number, patch);
      ++at;
    }
  }
  const auto put = [&](const char* name, const std::vector<int32_t>& values,
                       std::vector<hsize_t> extent) {
    write_dataset(group, name, extent, H5T_STD_I32LE, H5T_NATIVE_INT32, values.data());
  };
  write_dataset(group, "value", {channels, keep}, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT,
                arrays.value.data());
  put("image", arrays.image, {channels, keep});
  put("place", arrays.place, {channels, keep, place_numbers});
  put("box", arrays.box, {channels, keep, box_numbers});
  put("crop", arrays.crop, {channels, keep});
}

void write_integers(hid_t file, const char* name, const std::vector<int32_t>& values) {
  write_dataset(file, name, {values.size()}, H5T_STD_I32LE, H5T_NATIVE_INT32, values.data());
}

/// What became of each image.
void write_images(hid_t file, const std::vector<PatchImage>& images) {
  std::vector<int32_t> decisions;
  std::vector<uint8_t> states;
  std::vector<uint64_t> pixels;
  for (const PatchImage& image : images) {
    states.push_back(uint8_t(image.state));
    decisions.push_back(image.decision);
    pixels.push_back(image.pixels);
  }
  const hsize_t count = images.size();
  write_integers(file, "decision", decisions);
  write_dataset(file, "state", {count}, H5T_STD_U8LE, H5T_NATIVE_UINT8, states.data());
  write_dataset(file, "pixels", {count}, H5T_STD_U64LE, H5T_NATIVE_UINT64, pixels.data());
}

}  // namespace

void write_patches(const std::string& path, const PatchContent& content) {
  const SilentHdf5 silent;
  const PatchPlan& plan = content.plan;
  const H5Handle file = create_hdf5_in_memory();
  write_attribute(file, "format", std::string(patches_format));
  write_attribute(file, "format_version", patches_version);
  write_attribute(file, "model_sha256", plan.model);
  write_attribute(file, "patches_per_channel", int64_t{plan.keep});
  const H5Handle options = create_group(file, "options");
  for (const auto& [name, value] : plan.options) write_attribute(options, name, value);
  std::vector<std::string> layers;
  std::vector<int32_t> channels;
  for (const PatchLayer& layer : plan.layers) {
    layers.push_back(layer.name);
    channels.push_back(static_cast<int32_t>(layer.channels));
  }
  write_strings(file, "layers", layers);
  write_strings(file, "images", plan.images);
  if (!plan.classes.empty()) write_strings(file, "classes", plan.classes);
  write_integers(file, "channels", channels);
  write_integers(file, "labels", plan.labels);
  write_images(file, content.images);
  const H5Handle patches = create_group(file, "patches");
  CropTable crops;
  for (size_t l = 0; l < layers.size(); ++l) {
    write_layer(create_group(patches, layers[l]), l, content.best[l], crops);
  }
  crops.write(file);
  write_file_atomically(path, hdf5_bytes(file));
}

}  // namespace hdecomp
