/// Weights that a file keeps as two tensors become the one that the network computes with.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/weights/import_testing.h"

namespace hdecomp::parametrised_tests {
namespace {

using namespace import_testing;
using testing_models::layer_of;

constexpr const char* name = "features.6.weight";  // conv3: (6, 5, 3, 3)
constexpr size_t row = 45;

std::vector<float> imported(const NamedTensors& tensors) {
  return values_of(layer_of(import_torch(tensors), "conv3").weight);
}

/// AlexNet with the weight under another name and more tensors.
NamedTensors with(const std::string& new_name, const NamedTensors& more) {
  NamedTensors tensors = torch_alexnet();
  named(tensors, name).name = new_name;
  tensors.insert(tensors.end(), more.begin(), more.end());
  return tensors;
}

std::vector<float> plain() {
  NamedTensors tensors = torch_alexnet();
  return named(tensors, name).values;
}

TEST(Parametrised, APrunedWeightIsTimesItsMask) {
  NamedTensor mask{"features.6.weight_mask", {6, 5, 3, 3}, std::vector<float>(6 * row, 1)};
  mask.values[7] = mask.values[100] = 0;
  std::vector<float> wanted = plain();
  wanted[7] = wanted[100] = 0;
  EXPECT_EQ(imported(with("features.6.weight_orig", {mask})), wanted);
  mask.dims = {6, 5, 9, 1};
  const std::string line = error_line([&] { imported(with("features.6.weight_orig", {mask})); });
  expect_line(line, "features.6.weight_mask of shape (6, 5, 9, 1) do not fit each other");
}

TEST(Parametrised, AWeightNormIsItsLengthTimesItsDirection) {
  const std::vector<float> v = plain();
  const NamedTensor lengths{"features.6.weight_g", {6, 1, 1, 1}, {1, 2, 3, 4, 5, 6}};
  const std::vector<float> got = imported(with("features.6.weight_v", {lengths}));
  NamedTensor newer = lengths;
  newer.name = "features.6.parametrizations.weight.original0";
  EXPECT_EQ(imported(with("features.6.parametrizations.weight.original1", {newer})), got);
  for (size_t out = 0; out < 6; ++out) {
    double squares = 0;
    for (size_t i = 0; i < row; ++i) squares += std::pow(v[out * row + i], 2.0);
    for (size_t i = 0; i < row; ++i) {
      const double wanted = v[out * row + i] / std::sqrt(squares) * lengths.values[out];
      ASSERT_NEAR(got[out * row + i], wanted, 1e-6 * std::abs(wanted));
    }
  }
  NamedTensor wrong = lengths;
  wrong.dims = {5};
  wrong.values.resize(5);
  expect_line(error_line([&] { imported(with("features.6.weight_v", {wrong})); }),
              "do not fit each other");
}

TEST(Parametrised, ASpectralNormIsDividedOut) {
  std::vector<float> wanted = plain();
  NamedTensor u{"features.6.weight_u", {6}, std::vector<float>(6, 0)};
  NamedTensor v{"features.6.weight_v", {45}, std::vector<float>(row, 0)};
  u.values[2] = v.values[4] = 1;  // sigma is one weight
  const float sigma = wanted[2 * row + 4];
  const std::vector<float> got = imported(with("features.6.weight_orig", {u, v}));
  for (size_t i = 0; i < wanted.size(); ++i) ASSERT_FLOAT_EQ(got[i], wanted[i] / sigma);
}

}  // namespace
}  // namespace hdecomp::parametrised_tests
