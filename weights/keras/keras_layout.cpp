/// Permutations of Keras's tensors and the names of its older ResNet50 files.
#include "weights/keras/keras_layout.h"

#include <array>
#include <cstdio>

#include "hdecomp/error.h"
#include "nets/family.h"
#include "weights/file/tensor_names.h"

namespace hdecomp {
namespace {

/// Today's name of a layer of the older ResNet50, or the name itself.
std::string modern_layer(const std::string& layer) {
  if (layer == "conv1") return "conv1_conv";
  if (layer == "bn_conv1") return "conv1_bn";
  if (layer == "fc1000") return "predictions";
  const bool norm = layer.starts_with("bn");
  if (!norm && !layer.starts_with("res")) return layer;
  // res{stage}{block letter}_branch{1 | 2a | 2b | 2c}
  const std::string rest = layer.substr(norm ? 2 : 3);
  const size_t split = rest.find("_branch");
  if (split != 2 || rest[0] < '2' || rest[0] > '5' || rest[1] < 'a' || rest[1] > 'z') return layer;
  const std::string branch = rest.substr(split + 7);
  std::string number;
  if (branch == "1") number = "0";
  if (branch == "2a") number = "1";
  if (branch == "2b") number = "2";
  if (branch == "2c") number = "3";
  if (number.empty()) return layer;
  return joined("conv", rest[0], "_block", rest[1] - 'a' + 1, "_", number, norm ? "_bn" : "_conv");
}

/// The inverse of modern_layer.
std::string old_layer(const std::string& layer) {
  if (layer == "conv1_conv") return "conv1";
  if (layer == "conv1_bn") return "bn_conv1";
  if (layer == "predictions") return "fc1000";
  int stage = 0, block = 0, number = 0;
  char kind = 0;
  if (std::sscanf(layer.c_str(), "conv%1d_block%2d_%1d_%c", &stage, &block, &number, &kind) != 4) {
    return layer;
  }
  constexpr std::array<const char*, 4> branches{"1", "2a", "2b", "2c"};
  return joined(kind == 'b' ? "bn" : "res", stage, static_cast<char>('a' + block - 1), "_branch",
                branches.at(static_cast<size_t>(number) % branches.size()));
}

}  // namespace

std::vector<int64_t> keras_to_native_dims(const std::vector<int64_t>& dims) {
  if (dims.size() == 4) return {dims[3], dims[2], dims[0], dims[1]};
  return {dims.rbegin(), dims.rend()};
}

std::vector<int64_t> native_to_keras_dims(const std::vector<int64_t>& dims) {
  if (dims.size() == 4) return {dims[2], dims[3], dims[1], dims[0]};
  return {dims.rbegin(), dims.rend()};
}

Tensor native_kernel(const Tensor& kernel) {
  const Shape& from = kernel.shape();
  const int64_t height = from[0], width = from[1], in = from[2], out = from[3];
  Tensor result(Device{}, {out, in, height, width});
  float* to = result.data();
  for (int64_t o = 0; o < out; ++o) {
    for (int64_t i = 0; i < in; ++i) {
      for (int64_t at = 0; at < height * width; ++at) {
        *to++ = kernel.data()[(at * in + i) * out + o];
      }
    }
  }
  return result;
}

Tensor native_dense(const Tensor& kernel, const FeatureShape& input) {
  const int64_t in = kernel.shape()[0], out = kernel.shape()[1];
  const int64_t area = input.height * input.width;
  Tensor result(Device{}, {out, in});
  for (int64_t c = 0; c < input.channels; ++c) {
    for (int64_t at = 0; at < area; ++at) {
      const float* row = kernel.data() + (at * input.channels + c) * out;
      for (int64_t o = 0; o < out; ++o) result.data()[o * in + c * area + at] = row[o];
    }
  }
  return result;
}

double modernise_keras_names(TensorFile& file, const std::string& path) {
  if (!file.tensors.contains("res2a_branch2a/kernel")) return 1.001e-5;
  const auto renamed = [](std::string (*layer)(const std::string&)) {
    return [layer](const std::string& name) {
      const size_t slash = name.find('/');
      return layer(name.substr(0, slash)) + name.substr(slash);
    };
  };
  rename_tensors(file, path, renamed(modern_layer));
  file.usual_spelling = renamed(old_layer);
  return 1e-3;
}

namespace {

constexpr std::string_view conv_kind = "conv2d", norm_kind = "batch_normalization";

/// How many layers are called `kind`, `kind`_1, ...
int64_t count_unnamed(const TensorFile& file, std::string_view kind, std::string_view role) {
  int64_t count = 0;
  const auto name = [&] { return count == 0 ? std::string(kind) : joined(kind, "_", count); };
  while (file.tensors.contains(joined(name(), "/", role))) ++count;
  return count;
}

/// The convolutions' and batch norms' names in Keras's order: by their distance from the end, where
/// a shortcut's are as far as the third of the branch, and come first.
struct KerasOrder {
  std::vector<std::string> convs, norms;
};
KerasOrder keras_order(const std::string& arch) {
  KerasOrder order;
  const Graph graph = build_graph(default_params(arch));
  for (const Node& node : graph.nodes) {
    if (node.op != Op::conv || node.keras.empty()) continue;
    const bool shortcut = node.keras[0].ends_with("_0_conv");
    order.convs.insert(order.convs.end() - (shortcut ? 1 : 0), node.keras[0]);
    if (node.keras_bn.empty()) continue;
    order.norms.insert(order.norms.end() - (shortcut ? 1 : 0), node.keras_bn);
  }
  return order;
}

}  // namespace

void name_by_order(TensorFile& file, const std::string& path) {
  const int64_t convs = count_unnamed(file, conv_kind, "kernel");
  const int64_t norms = count_unnamed(file, norm_kind, "gamma");
  for (const char* arch : {"vgg16", "vgg19", "resnet50", "resnet101", "resnet152"}) {
    const KerasOrder order = keras_order(arch);
    if (std::ssize(order.convs) != convs || std::ssize(order.norms) != norms) continue;
    std::map<std::string, std::string> names;
    const auto add = [&](std::string_view kind, const std::vector<std::string>& all) {
      for (size_t i = 0; i < all.size(); ++i) {
        names[i == 0 ? std::string(kind) : joined(kind, "_", i)] = all[i];
      }
    };
    add(conv_kind, order.convs);
    add(norm_kind, order.norms);
    rename_tensors(file, path, [&](const std::string& name) {
      const size_t slash = name.find('/');
      const auto found = names.find(name.substr(0, slash));
      return found == names.end() ? name : found->second + name.substr(slash);
    });
    file.remarks.push_back(joined("the file names no layers; they are in the order of ", arch));
    return;
  }
}

Preprocess keras_preprocess() {
  Preprocess rule;
  rule.resize = Resize::stretch;
  rule.size = rule.crop = 224;
  rule.mean = {123.68f / 255, 116.779f / 255, 103.939f / 255};
  rule.std = {1.0f / 255, 1.0f / 255, 1.0f / 255};
  return rule;
}

}  // namespace hdecomp
