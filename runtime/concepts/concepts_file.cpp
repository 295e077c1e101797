/// Concepts files as HDF5 sees them.
#include "runtime/concepts/concepts_file.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "hdecomp/choice.h"
#include "hdecomp/error.h"
#include "nets/layer_names.h"
#include "weights/file/atomic_file.h"
#include "weights/file/file_bytes.h"
#include "weights/file/in_quotes.h"
#include "weights/hdf5/hdf5_attributes.h"
#include "weights/hdf5/hdf5_memory.h"
#include "weights/hdf5/hdf5_read.h"

namespace hdecomp {
namespace {

constexpr const char* concepts_format = "hdecomp-concepts";
constexpr int64_t concepts_version = 1;
constexpr int64_t most_pixels = int64_t{1} << 52;  // exact as a double
constexpr const char* concepts_remedy = "; hdecomp concepts makes the file";

void check_concepts_head(hid_t file, const std::string& path, const std::string& model_sha256) {
  const Hdf5Reader root(path, file);
  if (!has_attribute(file, "format") || root.text_attribute("format") != concepts_format) {
    throw UserError(joined(path,
                           ": an HDF5 file but none of channels' concepts (attribute "
                           "'format' is not '",
                           concepts_format, "')", concepts_remedy));
  }
  root.require_version("concepts", concepts_version);
  require_model(path, "concepts", root.text_attribute("model_sha256"), model_sha256);
}

/// A number from 0 to 1 is kept as text, with as many digits as it needs.
std::string text_of(double share) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, share).ptr};
}
double share_in(const Hdf5Reader& root, const std::string& path, const char* name) {
  const std::string text = root.text_attribute(name);
  double value = -1;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size() || !(value >= 0 && value <= 1)) {
    throw UserError(joined(path, ": ", name, " is ", in_quotes(text), "; it must be 0 to 1"));
  }
  return value;
}

std::vector<RegionName> names_in(const Hdf5Reader& root, const std::string& path) {
  const std::vector<std::string> names = root.strings("names");
  const std::vector<int64_t> numbers = root.ints_attribute("numbers");
  if (names.empty() || names.size() != numbers.size() || names.size() >= RegionMap::none) {
    throw UserError(
        joined(path, ": ", names.size(), " names of ", numbers.size(), " labels", concepts_remedy));
  }
  std::vector<RegionName> all;
  for (size_t i = 0; i < names.size(); ++i) {
    if (std::ranges::any_of(names[i], [](unsigned char c) { return c < 32; })) {
      throw UserError(joined(path, ": the name ", in_quotes(names[i]), " is not one line of text"));
    }
    if (numbers[i] < 0 || numbers[i] >= RegionMap::none) {
      throw UserError(joined(path, ": the label ", numbers[i], " of ", in_quotes(names[i]),
                             "; labels are 0 to ", RegionMap::none - 1, concepts_remedy));
    }
    all.push_back({static_cast<int>(numbers[i]), names[i]});
  }
  return all;
}

/// A file that does not say is of regions.
ConceptsBy by_in(const Hdf5Reader& root, const std::string& path) {
  if (!root.has_attribute("by")) return ConceptsBy::regions;
  const std::string by = root.text_attribute("by");
  if (const auto found = choice_in(by, concepts_by)) return static_cast<ConceptsBy>(*found);
  throw UserError(joined(path, ": names by ", in_quotes(by),
                         "; this hdecomp reads names by regions ", "or patches"));
}

/// The model's layer of that name. The name is the file's: it may be anything.
int layer_node(const Graph& graph, const std::string& path, const std::string& name) {
  for (int node = 0; node < graph.scores(); ++node) {
    if (layer_label(graph, node) == name) return node;
  }
  throw UserError(joined(path, ": the model has no layer ", in_quotes(name), concepts_remedy));
}

LayerConcepts layer_in(hid_t layers, const std::string& path, const std::string& name,
                       size_t channels, size_t regions) {
  const std::string of_layer = " of layer " + name;
  const auto read = [&]<class Value>(const std::string& what, hid_t type, hid_t memory,
                                     const char* words, std::vector<Value> values) {
    values.resize(channels);
    read_channels(layers, name + "/" + what, {type, memory, words, channels}, values.data(),
                  joined(path, ": the values '", what, "'", of_layer), concepts_remedy);
    return values;
  };
  const auto region = read("region", H5T_STD_I32LE, H5T_NATIVE_INT32, "little-endian int32",
                           std::vector<int32_t>());
  const auto iou = read("iou", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, "little-endian float64",
                        std::vector<double>());
  const auto threshold = read("threshold", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT,
                              "little-endian float32", std::vector<float>());
  const auto mask =
      read("mask", H5T_STD_I64LE, H5T_NATIVE_INT64, "little-endian int64", std::vector<int64_t>());
  LayerConcepts concepts{name, {}};
  for (size_t c = 0; c < channels; ++c) {
    if (region[c] < -1 || region[c] >= static_cast<int64_t>(regions) ||
        !(iou[c] >= 0 && iou[c] <= 1) || !std::isfinite(threshold[c]) || mask[c] < 0 ||
        mask[c] > most_pixels) {
      throw UserError(
          joined(path, ": what it says of channel ", c, of_layer, " cannot be", concepts_remedy));
    }
    concepts.channels.push_back({region[c], iou[c], threshold[c], mask[c]});
  }
  return concepts;
}

/// Of each channel one number.
template <class Value, class Of>
void write_each(hid_t group, const char* name, const LayerConcepts& layer, hid_t type, hid_t memory,
                Of of) {
  std::vector<Value> values;
  for (const ChannelConcept& one : layer.channels) values.push_back(of(one));
  write_dataset(group, name, {values.size()}, type, memory, values.data());
}

}  // namespace

void write_concepts(const std::string& path, const ConceptsFile& content) {
  const SilentHdf5 silent;
  const H5Handle file = create_hdf5_in_memory();
  write_attribute(file, "format", std::string(concepts_format));
  write_attribute(file, "format_version", concepts_version);
  write_attribute(file, "model_sha256", content.model_sha256);
  write_attribute(file, "images", content.images);
  write_attribute(file, "share", text_of(content.share));
  write_attribute(file, "min_iou", text_of(content.least_iou));
  if (content.by != ConceptsBy::regions) {
    write_attribute(file, "by", std::string(concepts_by[static_cast<size_t>(content.by)]));
  }
  std::vector<std::string> names, layers;
  std::vector<int64_t> numbers;
  for (const auto& [number, name] : content.names) {
    numbers.push_back(number);
    names.push_back(name);
  }
  write_attribute(file, "numbers", numbers);
  write_strings(file, "names", names);
  const H5Handle groups = create_group(file, "layers");
  for (const LayerConcepts& layer : content.layers) {
    layers.push_back(layer.layer);
    const H5Handle group = create_group(groups, layer.layer);
    using One = const ChannelConcept&;
    write_each<int32_t>(group, "region", layer, H5T_STD_I32LE, H5T_NATIVE_INT32,
                        [](One c) { return c.region; });
    write_each<double>(group, "iou", layer, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE,
                       [](One c) { return c.iou; });
    write_each<float>(group, "threshold", layer, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT,
                      [](One c) { return c.threshold; });
    write_each<int64_t>(group, "mask", layer, H5T_STD_I64LE, H5T_NATIVE_INT64,
                        [](One c) { return c.mask; });
  }
  write_strings(file, "order", layers);
  write_file_atomically(path, hdf5_bytes(file));
}

ConceptsFile read_concepts(const std::string& path, const Graph& graph,
                           const std::string& model_sha256) {
  { const FileBytes regular_file(path); }  // refuses folders, pipes, missing and empty files
  const SilentHdf5 silent;
  const H5Handle file = open_hdf5(path);
  check_concepts_head(file, path, model_sha256);
  const Hdf5Reader root(path, file);
  ConceptsFile content{model_sha256,
                       root.int_attribute("images"),
                       share_in(root, path, "share"),
                       share_in(root, path, "min_iou"),
                       names_in(root, path),
                       {}};
  content.by = by_in(root, path);
  const H5Handle layers = open_group(file, "layers");
  if (!layers.valid()) throw UserError(path + ": no layers" + concepts_remedy);
  for (const std::string& name : root.strings("order")) {
    if (std::ranges::find(content.layers, name, &LayerConcepts::layer) != content.layers.end()) {
      throw UserError(
          joined(path, ": layer ", in_quotes(name), " comes twice in 'order'", concepts_remedy));
    }
    const int node = layer_node(graph, path, name);
    content.layers.push_back(layer_in(layers, path, name,
                                      static_cast<size_t>(graph.shapes[node].channels),
                                      content.names.size()));
  }
  return content;
}

}  // namespace hdecomp
