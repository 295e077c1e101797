/// Reads the patches file (tools/RESULTS_FORMAT.md).
#include <algorithm>
#include <cmath>
#include <set>

#include "hdecomp/error.h"
#include "runtime/patches/patch_content.h"
#include "runtime/patches/patch_format.h"
#include "weights/file/file_bytes.h"
#include "weights/file/in_quotes.h"
#include "weights/hdf5/hdf5_attributes.h"
#include "weights/hdf5/hdf5_read.h"

namespace hdecomp {
namespace {

constexpr const char* remedy = "; hdecomp patches makes the file";

/// Reads a file, distrusting all of it.
class PatchReader {
 public:
  explicit PatchReader(const std::string& path)
      : path_(path), size_(FileBytes(path).bytes().size()), file_(open_hdf5(path)) {}

  PatchContent read() const {
    check_head();
    PatchContent content(read_plan());
    read_images(content);
    const std::vector<Crop> crops = read_crops();
    for (size_t l = 0; l < content.best.size(); ++l) read_layer(l, crops, content);
    return content;
  }

 private:
  using Crop = std::shared_ptr<const std::vector<uint8_t>>;

  template <class... Parts>
  [[noreturn]] void damaged(const Parts&... parts) const {
    throw UserError(joined(path_, ": ", parts..., ": the file is damaged", remedy));
  }

  void check_head() const {
    const Hdf5Reader root(path_, file_);
    if (!has_attribute(file_, "format") || root.text_attribute("format") != patches_format) {
      throw UserError(joined(path_, ": is no patches file of hdecomp", remedy));
    }
    root.require_version("patches", patches_version);
  }

  /// All numbers of a dataset, which must be of this extent and type; `extent` 0: of any length.
  template <class T>
  std::vector<T> array(const std::string& name, std::vector<hsize_t> extent, hid_t type,
                       hid_t memory) const {
    const H5Handle data = open_dataset(file_, name);
    if (!data.valid()) damaged("no dataset ", in_quotes(name));
    const H5Handle found(H5Dget_type(data), H5Tclose), space(H5Dget_space(data), H5Sclose),
        creation(H5Dget_create_plist(data), H5Pclose);
    std::vector<hsize_t> dims(H5S_MAX_RANK);
    const int rank = H5Sget_simple_extent_dims(space, dims.data(), nullptr);
    dims.resize(std::max(rank, 0));
    if (extent == std::vector<hsize_t>{0} && dims.size() == 1) extent = dims;
    hsize_t count = 1;
    for (const hsize_t dim : dims) {
      if (dim > size_ || count * dim > size_) damaged("dataset ", in_quotes(name), " is too large");
      count *= dim;
    }
    if (dims != extent || H5Tequal(found, type) <= 0 || H5Pget_layout(creation) != H5D_CONTIGUOUS ||
        H5Pget_external_count(creation) != 0 || H5Dget_storage_size(data) != count * sizeof(T)) {
      damaged("dataset ", in_quotes(name), " is not as hdecomp writes it");
    }
    std::vector<T> values(count);
    if (count > 0 && H5Dread(data, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0) {
      damaged("dataset ", in_quotes(name), " cannot be read");
    }
    return values;
  }

  std::vector<int32_t> integers(const std::string& name, std::vector<hsize_t> extent) const {
    return array<int32_t>(name, std::move(extent), H5T_STD_I32LE, H5T_NATIVE_INT32);
  }

  PatchPlan read_plan() const {
    const Hdf5Reader root(path_, file_);
    PatchPlan plan;
    plan.model = root.text_attribute("model_sha256");
    const H5Handle group = open_group(file_, "options");
    if (!group.valid()) damaged("no group 'options'");
    const Hdf5Reader options(path_, group);
    for (const char* name :
         {"by", "top", "side", "device", "definition", "tree_top", "exif", "precision"}) {
      if (options.has_attribute(name)) plan.options[name] = options.text_attribute(name);
    }
    if (std::ranges::find(patch_rankings, plan.options["by"]) == std::end(patch_rankings)) {
      damaged("the option by is ", in_quotes(plan.options["by"]));
    }
    const int64_t keep = root.int_attribute("patches_per_channel");
    if (keep < 1 || keep > 1000) damaged(keep, " patches a channel");
    plan.keep = static_cast<int>(keep);
    plan.images = root.strings("images");
    plan.classes = root.strings("classes");
    plan.labels = integers("labels", {plan.images.size()});
    const std::vector<std::string> layers = root.strings("layers");
    const std::vector<int32_t> channels = integers("channels", {layers.size()});
    // What a patch takes in the layer's arrays; so much is in the file before room is made for it.
    constexpr size_t numbers = 3 + place_numbers + box_numbers, patch_bytes = 4 * numbers;
    auto left = static_cast<int64_t>(size_ / patch_bytes) / keep;  // channels
    std::set<std::string> met;
    for (size_t i = 0; i < layers.size(); ++i) {
      if (!met.insert(layers[i]).second) damaged("layer ", in_quotes(layers[i]), " comes twice");
      if (channels[i] < 1 || channels[i] > left) damaged(channels[i], " channels");
      left -= channels[i];
      plan.layers.push_back({layers[i], channels[i]});
    }
    return plan;
  }

  void read_images(PatchContent& content) const {
    const hsize_t count = content.images.size();
    const auto states = array<uint8_t>("state", {count}, H5T_STD_U8LE, H5T_NATIVE_UINT8);
    const std::vector<int32_t> decisions = integers("decision", {count});
    const auto pixels = array<uint64_t>("pixels", {count}, H5T_STD_U64LE, H5T_NATIVE_UINT64);
    for (size_t i = 0; i < content.images.size(); ++i) {
      if (states[i] > uint8_t(ImageState::undecided)) damaged("an unknown state");
      content.images[i].state = static_cast<ImageState>(states[i]);
      check_decision(content, i, decisions[i]);
      content.images[i].decision = decisions[i];
      content.images[i].pixels = pixels[i];
    }
  }

  /// Of an image whose state is known: measured ones have a class where the model has any.
  void check_decision(const PatchContent& content, size_t image, int32_t decision) const {
    const int64_t classes = std::ssize(content.plan.classes);
    const bool has_one = content.images[image].state == ImageState::measured && classes > 0;
    const int64_t first = has_one ? 0 : -1;
    if (decision >= first && decision < classes) return;
    damaged("decision[", image, "] is ", decision, ", not ", first, " to ", classes - 1);
  }

  std::vector<Crop> read_crops() const {
    const auto begins = array<int64_t>("crops/begin", {0}, H5T_STD_I64LE, H5T_NATIVE_INT64);
    const auto data = array<uint8_t>("crops/jpeg", {0}, H5T_STD_U8LE, H5T_NATIVE_UINT8);
    std::vector<Crop> crops;
    if (begins.empty() || begins.front() != 0 || begins.back() != std::ssize(data)) {
      damaged("crops that do not lie one after the other");
    }
    for (size_t i = 0; i + 1 < begins.size(); ++i) {
      if (begins[i + 1] < begins[i] || begins[i + 1] > std::ssize(data)) {
        damaged("crops that do not lie one after the other");
      }
      crops.push_back(std::make_shared<const std::vector<uint8_t>>(data.begin() + begins[i],
                                                                   data.begin() + begins[i + 1]));
    }
    return crops;
  }

  void read_layer(size_t number, const std::vector<Crop>& crops, PatchContent& content) const {
    const std::string name = "patches/" + content.plan.layers[number].name + "/";
    BestPatches& best = content.best[number];
    const auto channels = static_cast<hsize_t>(best.channels());
    const auto keep = static_cast<hsize_t>(best.keep());
    const auto value =
        array<float>(name + "value", {channels, keep}, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT);
    const auto image = integers(name + "image", {channels, keep});
    const auto place = integers(name + "place", {channels, keep, place_numbers});
    const auto box = integers(name + "box", {channels, keep, box_numbers});
    const auto crop = integers(name + "crop", {channels, keep});
    const auto is_within = [](int64_t n, int64_t count) { return n >= 0 && n < count; };
    constexpr int64_t largest_side = 65535;  // of photographs, and so of maps
    for (hsize_t at = 0; at < channels * keep; ++at) {
      if (image[at] < 0) continue;
      const int32_t *sides = box.data() + box_numbers * at,
                    *neuron = place.data() + place_numbers * at;
      bool is_patch = is_within(image[at], std::ssize(content.images)) &&
                      is_within(crop[at], std::ssize(crops)) && std::isfinite(value[at]) &&
                      value[at] > 0;
      for (size_t axis = 0; axis < 2; ++axis) {
        const int64_t begin = sides[axis], size = sides[axis + 2];
        is_patch = is_patch && is_within(neuron[axis], largest_side) && size >= 1 &&
                   is_within(begin, largest_side) && begin + size <= largest_side;
      }
      if (!is_patch) damaged("a patch of ", in_quotes(name), " that is none");
      best.add(static_cast<int64_t>(at / keep), {image[at],
                                                 value[at],
                                                 neuron[0],
                                                 neuron[1],
                                                 {sides[0], sides[1], sides[2], sides[3]},
                                                 crops[crop[at]]});
    }
  }

  std::string path_;
  size_t size_;
  H5Handle file_;
};

}  // namespace

PatchContent read_patches(const std::string& path) {
  const SilentHdf5 silent;
  return PatchReader(path).read();
}

}  // namespace hdecomp
