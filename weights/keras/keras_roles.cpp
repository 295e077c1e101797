/// Keras's names for the tensors of a layer, old and new.
#include "weights/keras/keras_roles.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

namespace hdecomp {
namespace {

constexpr std::pair<std::string_view, std::string_view> endings[] = {
    {"depthwise_kernel", "depthwise_kernel"},
    {"pointwise_kernel", "pointwise_kernel"},
    {"kernel", "kernel"},
    {"W", "kernel"},
    {"bias", "bias"},
    {"b", "bias"},
    {"gamma", "gamma"},
    {"beta", "beta"},
    {"moving_mean", "moving_mean"},
    {"running_mean", "moving_mean"},
    {"moving_variance", "moving_variance"},
    {"running_var", "moving_variance"},
    {"running_std", "moving_variance"},
    {"alpha", "alpha"},
    {"mean", "mean"},
    {"variance", "variance"},
};

void drop_digits_after(std::string_view& name, char mark) {
  const size_t last = name.find_last_not_of("0123456789");
  if (last != std::string_view::npos && last + 1 < name.size() && name[last] == mark) {
    name = name.substr(0, last);
  }
}

bool ends_with_word(std::string_view name, std::string_view word) {
  return name == word || (name.ends_with(word) && name[name.size() - word.size() - 1] == '_');
}

bool all_different(const std::vector<std::string_view>& roles) {
  return std::set<std::string_view>(roles.begin(), roles.end()).size() == roles.size();
}

/// What layers of a class hold, in Keras's order, each to be left out by what is said beside it.
struct RolesOfKind {
  std::string_view kind;
  std::vector<std::pair<std::string_view, const char*>> roles;
};
const std::vector<RolesOfKind>& roles_of_kinds() {
  static const std::vector<RolesOfKind> all{
      {"Conv2D", {{"kernel", nullptr}, {"bias", "use_bias"}}},
      {"Dense", {{"kernel", nullptr}, {"bias", "use_bias"}}},
      {"DepthwiseConv2D", {{"depthwise_kernel", nullptr}, {"bias", "use_bias"}}},
      {"SeparableConv2D",
       {{"depthwise_kernel", nullptr}, {"pointwise_kernel", nullptr}, {"bias", "use_bias"}}},
      {"BatchNormalization",
       {{"gamma", "scale"},
        {"beta", "center"},
        {"moving_mean", nullptr},
        {"moving_variance", nullptr}}},
      {"LayerNormalization", {{"gamma", "scale"}, {"beta", "center"}}},
      {"PReLU", {{"alpha", nullptr}}},
      {"Normalization", {{"mean", nullptr}, {"variance", nullptr}}},
  };
  return all;
}

std::vector<std::string_view> roles_by_order(const std::vector<KerasTensorName>& tensors) {
  const auto is_vector = [](const KerasTensorName& tensor) { return tensor.rank == 1; };
  if (tensors.size() == 4 && std::all_of(tensors.begin(), tensors.end(), is_vector)) {
    return {"gamma", "beta", "moving_mean", "moving_variance"};
  }
  if (tensors.empty() || tensors[0].rank < 2) return {};
  if (tensors.size() == 1) return {"kernel"};
  if (tensors.size() == 2 && is_vector(tensors[1])) return {"kernel", "bias"};
  return {};
}

}  // namespace

std::vector<std::string_view> keras_roles_of(const KerasLayer& layer) {
  const auto found = std::ranges::find(roles_of_kinds(), layer.kind, &RolesOfKind::kind);
  std::vector<std::string_view> roles;
  if (found == roles_of_kinds().end()) return roles;
  for (const auto& [role, flag] : found->roles) {
    const auto said = flag == nullptr ? layer.settings->end() : layer.settings->find(flag);
    const bool absent = said != layer.settings->end() && said->is_boolean() && !said->get<bool>();
    if (!absent) roles.push_back(role);
  }
  return roles;
}

std::string_view keras_role(std::string_view name) {
  name = name.substr(name.rfind('/') + 1);  // npos + 1 is 0
  drop_digits_after(name, ':');
  drop_digits_after(name, '_');
  for (const auto& [ending, role] : endings) {
    if (ends_with_word(name, ending)) return role;
  }
  return {};
}

std::vector<std::string_view> keras_roles(const std::vector<KerasTensorName>& tensors) {
  std::vector<std::string_view> roles;
  for (const KerasTensorName& tensor : tensors) roles.push_back(keras_role(tensor.name));
  if (std::find(roles.begin(), roles.end(), std::string_view()) != roles.end()) {
    return roles_by_order(tensors);
  }
  return all_different(roles) ? roles : std::vector<std::string_view>();
}

std::string_view keras_owner(std::string_view name) {
  const size_t end = name.rfind('/');
  if (end == std::string_view::npos) return {};
  name = name.substr(0, end);
  return name.substr(name.rfind('/') + 1);  // npos + 1 is 0
}

std::vector<std::string_view> keras_roles_of_several(const std::vector<KerasTensorName>& tensors) {
  std::vector<std::string_view> roles;
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const KerasTensorName& tensor : tensors) {
    const std::string_view owner = keras_owner(tensor.name), role = keras_role(tensor.name);
    if (owner.empty() || role.empty() || !seen.emplace(owner, role).second) return {};
    roles.push_back(role);
  }
  return roles;
}

}  // namespace hdecomp
