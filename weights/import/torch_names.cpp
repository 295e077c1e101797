/// Wrappers' prefixes, counters and Hugging Face's names.
#include "weights/import/torch_names.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <vector>

#include "hdecomp/error.h"
#include "nets/family.h"
#include "weights/file/in_quotes.h"
#include "weights/file/tensor_names.h"

namespace hdecomp {
namespace {

constexpr std::array<std::string_view, 5> wrappers{"module", "_orig_mod", "model", "backbone",
                                                   "net"};

std::vector<std::string> parts_of(const std::string& name) {
  std::vector<std::string> parts{""};
  for (const char c : name) {
    if (c == '.') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::string name_of(const std::vector<std::string>& parts) {
  std::string name;
  for (size_t i = 0; i < parts.size(); ++i) name += (i > 0 ? "." : "") + parts[i];
  return name;
}

/// The name itself is no wrapper, only what stands before it.
std::string without_wrappers(const std::string& name) {
  std::vector<std::string> parts = parts_of(name);
  const std::string last = parts.back();
  parts.pop_back();
  std::erase_if(parts, [](const std::string& part) {
    return std::ranges::find(wrappers, part) != wrappers.end();
  });
  parts.push_back(last);
  return name_of(parts);
}

bool is_counter(const std::string& name, const Tensor& tensor) {
  return name.ends_with("num_batches_tracked") && tensor.elements() == 1;
}

std::string first_part(const std::string& name) { return name.substr(0, name.find('.')); }

/// The first parts of every architecture's names: "features", "layer1", ...
std::set<std::string> first_parts_of_archs() {
  std::set<std::string> parts;
  for (const std::string& arch : arch_names()) {
    for (const Node& node : build_graph(default_params(arch)).nodes) {
      if (!node.torchvision.empty()) parts.insert(first_part(node.torchvision[0]));
      if (!node.torchvision_bn.empty()) parts.insert(first_part(node.torchvision_bn));
    }
  }
  return parts;
}

/// A word of the user's own before most names, as "encoder" in "encoder.layer1.0.conv1.weight".
/// Empty if there is none.
std::string own_wrapper(const TensorFile& file, const std::set<std::string>& known) {
  std::map<std::string, size_t> counts;
  for (const auto& [name, tensor] : file.tensors) {
    const size_t dot = name.find('.');
    if (dot != std::string::npos && dot + 1 < name.size()) ++counts[first_part(name)];
  }
  for (const auto& [part, count] : counts) {
    if (2 * count > file.tensors.size() && !known.contains(part)) return part + ".";
  }
  return "";
}

/// "encoder.stages.S.layers.B.layer.C.convolution" is layer{S+1}.B.conv{C+1}, with "normalization"
/// bn{C+1}, with "shortcut" for "layer.C" downsample.0 or .1.
std::string from_hugging_face(const std::string& name) {
  std::vector<std::string> parts = parts_of(name);
  if (parts.size() > 1 && parts[0] == "resnet") parts.erase(parts.begin());
  const size_t size = parts.size();
  const bool conv = size > 2 && parts[size - 2] == "convolution";
  const bool norm = size > 2 && parts[size - 2] == "normalization";
  if (!conv && !norm) return name;
  if (size == 4 && parts[0] == "embedder" && parts[1] == "embedder") {
    return joined(conv ? "conv1." : "bn1.", parts[3]);
  }
  const auto digit = [](const std::string& part) {
    return part.size() == 1 && part[0] >= '0' && part[0] <= '9' ? part[0] - '0' : -1;
  };
  if (size < 8 || parts[0] != "encoder" || parts[1] != "stages" || digit(parts[2]) < 0 ||
      parts[3] != "layers") {
    return name;
  }
  const std::string block = joined("layer", digit(parts[2]) + 1, ".", parts[4], ".");
  if (size == 8 && parts[5] == "shortcut") {
    return joined(block, "downsample.", conv ? 0 : 1, ".", parts[7]);
  }
  if (size != 9 || parts[5] != "layer" || digit(parts[6]) < 0) return name;
  return joined(block, conv ? "conv" : "bn", digit(parts[6]) + 1, ".", parts[8]);
}

/// `name` with one part's name for another in its residual blocks.
std::string with_part(const std::string& name, const std::string& from, const std::string& to) {
  const size_t at = name.find(from);
  if (!name.starts_with("layer") || at == std::string::npos) return name;
  return name.substr(0, at) + to + name.substr(at + from.size());
}

/// "layer2.0.shortcut.0", as nets for CIFAR have it, is torchvision's layer2.0.downsample.0.
constexpr const char *torch_shortcut = ".downsample.", *cifar_shortcut = ".shortcut.";
std::string with_downsample(const std::string& name) {
  return with_part(name, cifar_shortcut, torch_shortcut);
}

/// Where all names lost the same beginning, a name that is missing has it too.
void spell_missing_names_alike(TensorFile& file) {
  const bool cifars = std::ranges::any_of(file.spelling, [](const auto& name) {
    return name.second.find(cifar_shortcut) != std::string::npos;
  });
  const auto theirs = [cifars](const std::string& name) {
    return cifars ? with_part(name, torch_shortcut, cifar_shortcut) : name;
  };
  std::string prefix;
  for (const auto& [name, tensor] : file.tensors) {
    const std::string in_file = file.in_file(name);
    const std::string end = theirs(name);
    if (!in_file.ends_with(end)) return;
    const std::string before = in_file.substr(0, in_file.size() - end.size());
    if (&name == &file.tensors.begin()->first) prefix = before;
    if (before != prefix) return;
  }
  file.usual_spelling = [prefix, theirs](const std::string& name) { return prefix + theirs(name); };
}

}  // namespace

void use_torchvision_names(TensorFile& file, const std::string& path) {
  rename_tensors(file, path, [&](const std::string& name) -> std::optional<std::string> {
    if (is_counter(name, file.tensors.at(name))) return {};
    return without_wrappers(name);
  });
  require_tensors(file, path);
  rename_tensors(file, path, from_hugging_face);
  const std::set<std::string> known = first_parts_of_archs();
  for (std::string own; !(own = own_wrapper(file, known)).empty();) {
    file.remarks.push_back(joined("the names without their ", in_quotes(own)));
    rename_tensors(file, path, [&](const std::string& name) {
      return name.starts_with(own) && name != own ? name.substr(own.size()) : name;
    });
  }
  rename_tensors(file, path,
                 [](const std::string& name) { return with_downsample(from_hugging_face(name)); });
  spell_missing_names_alike(file);
}

}  // namespace hdecomp
