/// Ablation on the CPU in a network wide enough for its products of many images at a time, and for
/// more than one batch.
#include <gtest/gtest.h>

#include <optional>

#include "nets/layer_names.h"
#include "runtime/ablation/ablation.h"
#include "tests/support/device_net.h"
#include "weights/model/initialise.h"

namespace hdecomp {
namespace {

using testing_models::DeviceNet;

/// A quarter of VGG-16's widths; more units in fc6 than a batch has places.
ModelData wide_model() {
  NetParams params = default_params("vgg16");
  for (int64_t& width : params.widths) width /= 4;
  params.hidden_units = {1500, 100};
  params.classes = 10;
  params.input_size = 96;
  params.pool_size = 2;
  return initialise_model(params, 1);
}

/// A layer and one above it.
struct Step {
  const char *from, *to;
};
const Step steps[] = {
    {"scores", "conv5_3"}, {"conv5_3", "conv4_3"}, {"conv4_3", "conv3_3"}, {"scores", "fc6"}};

class WideAblation : public ::testing::Test {
 protected:
  void SetUp() override {
    ModelData model = wide_model();
    for (const char* dead : {"conv5_3", "conv4_3", "conv3_3", "fc6"}) {
      const_cast<float*>(testing_models::layer_of(model, dead).bias.data())[5] = -1e6f;
    }
    net_.emplace(std::move(model), testing_models::Where{});
    net_->forward(testing_models::noise_image(96));
  }

  AblationQuestion plan(const Step& step) const {
    const Graph& graph = net_->graph();
    const bool scores = std::string_view(step.from) == "scores";
    return {scores ? graph.scores() : find_layer(graph, step.from), find_layer(graph, step.to),
            AblationFill::zero};
  }
  std::vector<float> drops(const AblationQuestion& plan) const {
    return ablation_drops(net_->context, *net_->model, net_->executor, plan,
                          net_->strongest(plan.from));
  }

  std::optional<DeviceNet> net_;
};

TEST_F(WideAblation, FastEqualsNaive) {
  for (const Step& step : steps) {
    SCOPED_TRACE(joined(step.from, " to ", step.to));
    AblationQuestion how = plan(step);
    const std::vector<float> fast = drops(how);
    how.method = AblationMethod::naive;
    const std::vector<float> naive = drops(how);
    const double value = net_->value(how.from, net_->strongest(how.from));
    ASSERT_EQ(fast.size(), naive.size());
    ASSERT_FALSE(fast.empty());
    for (size_t k = 0; k < fast.size(); ++k) EXPECT_NEAR(fast[k], naive[k], 1e-5 * value) << k;
  }
}

TEST_F(WideAblation, ADeadChannelDropsExactlyNothing) {
  for (const Step& step : steps) {
    SCOPED_TRACE(joined(step.from, " to ", step.to));
    const std::vector<float> result = drops(plan(step));
    EXPECT_EQ(result[5], 0);
    EXPECT_GT(std::ranges::max(result), 0);
  }
}

}  // namespace
}  // namespace hdecomp
