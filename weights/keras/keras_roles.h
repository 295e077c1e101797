/// What a tensor of a Keras layer is, told by its name or else by its place among the layer's
/// tensors.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "weights/keras/keras_config.h"

namespace hdecomp {

struct KerasTensorName {
  std::string name;  // "block1_conv1/kernel:0", or "block1_conv1_W_1:0" in files of 2016
  int rank = 0;
};

/// The roles of the tensors of a layer that the config describes, in Keras's order; none for layers
/// that hold none, or of other classes.
std::vector<std::string_view> keras_roles_of(const KerasLayer& layer);

/// The role that a name ends with: kernel, depthwise_kernel, pointwise_kernel, bias, gamma, beta,
/// moving_mean, moving_variance, alpha, mean or variance; empty if none. running_std counts as
/// moving_variance: that is what Keras 1 kept in it.
std::string_view keras_role(std::string_view name);

/// A role for each of a layer's float tensors; empty if neither the names nor the order and the
/// ranks tell: (kernel, bias), (kernel) or four vectors (gamma, beta, moving_mean,
/// moving_variance). No role comes twice.
std::vector<std::string_view> keras_roles(const std::vector<KerasTensorName>& tensors);

/// The layer that a name itself says: "block1_conv1" of "vgg16/block1_conv1/kernel:0"; empty if
/// none.
std::string_view keras_owner(std::string_view name);

/// The same for the tensors of several layers in one list: told by their names alone, no role twice
/// for one owner.
std::vector<std::string_view> keras_roles_of_several(const std::vector<KerasTensorName>& tensors);

}  // namespace hdecomp
