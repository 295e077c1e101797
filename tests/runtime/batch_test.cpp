/// Several images at once: each has what it has alone, in the network, in the tree and through the
/// public API, on every device.
#include <gtest/gtest.h>

#include <algorithm>

#include "hdecomp/error.h"
#include "hdecomp/explainer.h"
#include "tests/support/temporary_files.h"
#include "tests/support/tree_testing.h"

namespace hdecomp {
namespace {

using namespace testing_models;
using op_testing::device_name;
using op_testing::test_devices;

constexpr int64_t images = 3;

class BatchOfNet : public NetOnDevice {
 protected:
  /// The CPU's sums do not depend on what else is computed; those of a GPU's libraries may.
  static double tolerance() { return device() == Device{} ? 0 : tree_tolerance; }
};
INSTANTIATE_TEST_SUITE_P(Nets, BatchOfNet,
                         on_test_devices(Net{"vgg16", 96}, Net{"alexnet", 127},
                                         Net{"resnet18", 128}, Net{"resnet50", 128}),
                         net_name);

TEST_P(BatchOfNet, EachImageHasTheTreeThatItHasAlone) {
  DeviceNet together(model(), {device(), images + 1});  // one more than there are images
  DeviceNet alone(model(), {device()});
  const TreeQuestion question = question_of(together.graph(), 2);
  together.forward(noise_batch(net().input_size, 20, images));
  const std::vector<Neuron> roots = strongest_classes(together, images);
  const std::vector<BuiltTree> trees = build_trees(together.windows, question, roots);
  ASSERT_EQ(trees.size(), size_t{images});
  for (int64_t i = 0; i < images; ++i) {
    alone.forward(image(static_cast<uint32_t>(20 + i)));
    const std::vector<Neuron> root = strongest_classes(alone, 1);
    ASSERT_EQ(root[0].channel, roots[i].channel);
    const std::vector<BuiltTree> tree = build_trees(alone.windows, question, root);
    expect_equal_trees({trees[i]}, tree, tolerance());
    EXPECT_GT(tree[0].decompositions, 5);
  }
}

TEST_P(BatchOfNet, RecordedTreesEqualTheHostsAgainAndAgain) {
  DeviceNet whole(model(), {device(), images});
  const TreeQuestion question = question_of(whole.graph(), 2);
  TreeRecordings recordings(whole.windows, images);
  for (uint32_t round = 0; round < 3; ++round) {  // run, then replayed
    SCOPED_TRACE(joined("round ", round));
    const int64_t count = round == 1 ? 2 : images;
    whole.forward(noise_batch(net().input_size, 20 + 10 * round, count));
    const std::vector<Neuron> roots = strongest_classes(whole, count);
    const std::vector<BuiltTree> expected = build_trees(whole.windows, question, roots);
    expect_equal_trees(recorded_trees(whole.windows, question, roots, recordings), expected,
                       tolerance());
  }
}

TEST_P(BatchOfNet, ASecondRunHasTheSameBits) {
  std::vector<BuiltTree> first[2];
  for (int run = 0; run < 2; ++run) {
    DeviceNet whole(model(), {device(), images});
    const TreeQuestion question = question_of(whole.graph(), 2);
    TreeRecordings recordings(whole.windows, images);
    for (int time = 0; time < 3; ++time) {  // run, then replayed
      SCOPED_TRACE(joined("run ", run, ", time ", time));
      whole.forward(noise_batch(net().input_size, 20, images));
      const std::vector<Neuron> roots = strongest_classes(whole, images);
      const std::vector<BuiltTree> trees[2] = {
          build_trees(whole.windows, question, roots),
          recorded_trees(whole.windows, question, roots, recordings)};
      for (int way = 0; way < 2; ++way) {
        if (first[way].empty()) first[way] = trees[way];
        expect_equal_trees(trees[way], first[way], 0);
      }
    }
  }
}

TEST_P(BatchOfNet, TheSecondTreeTakesNoMemory) {
  DeviceNet single(model(), {device()});
  const TreeQuestion question = question_of(single.graph(), 2);
  const auto build = [&] {
    single.forward(image(20));
    build_trees(single.windows, question, strongest_classes(single, 1));
    return single.windows.pool().allocations();
  };
  const int64_t before = build();
  EXPECT_GT(before, 0);
  EXPECT_EQ(build(), before);
}

class ExplainBatch : public op_testing::OnDevice {
 protected:
  static std::string device() { return to_string(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Devices, ExplainBatch, ::testing::ValuesIn(test_devices()), device_name);

Image photo(uint8_t grey) { return {64, 64, std::vector<uint8_t>(64 * 64 * 3, grey)}; }

TEST_P(ExplainBatch, AnImageWithoutAPositiveScoreKeepsItsErrorToItself) {
  ModelData model = slim_model("vgg11", 64);
  // Class 3 grows with brightness alone: its score is positive on white, negative on black.
  LayerWeights& last = model.layers.back();
  std::ranges::fill(last.weight.span(), 0.0f);
  std::fill_n(last.weight.data() + 3 * last.weight.shape()[1], last.weight.shape()[1], 1.0f);
  std::ranges::fill(last.bias.span(), 0.0f);
  const std::string file = file_testing::temporary_path(".h5");
  write_model(model, file);
  Explainer probe(Model::load(file), {.device = device()});
  const float dark = probe.classify(photo(0), 10)[0].score;
  const float bright = probe.classify(photo(255), 10)[0].score;
  ASSERT_NE(dark, bright);
  last.bias.data()[3] = -(dark + bright) / 2;
  write_model(model, file);
  Explainer explainer(Model::load(file), {.device = device(), .batch = 2});
  const std::vector<Image> photos{photo(0), photo(255)};
  const auto explained = explainer.explain_batch(photos, {.target = "3", .depth = 1});
  ASSERT_EQ(explained.size(), 2u);
  const size_t bad = dark < bright ? 0 : 1;
  EXPECT_FALSE(explained[bad].tree);
  EXPECT_NE(explained[bad].error.find("positive"), std::string::npos) << explained[bad].error;
  ASSERT_TRUE(explained[1 - bad].tree);
  EXPECT_EQ(explained[1 - bad].tree->decision.index, 3);
}

TEST_P(ExplainBatch, RefusesMoreImagesThanItsBatchAndBadBatches) {
  const std::string file = file_testing::temporary_path(".h5");
  write_model(slim_model("vgg11", 64), file);
  Explainer explainer(Model::load(file), {.device = device()});
  const std::vector<Image> photos{photo(10), photo(20)};
  EXPECT_THROW(explainer.explain_batch(photos), Error);
  EXPECT_TRUE(explainer.explain_batch({}).empty());
  const auto make = [&](int batch, const char* precision) {
    Explainer(Model::load(file), {.device = device(), .batch = batch, .precision = precision});
  };
  EXPECT_THROW(make(0, "float32"), UserError);
  EXPECT_THROW(make(4097, "float32"), UserError);
  EXPECT_THROW(make(1, "fp8"), UserError);
  EXPECT_THROW(explainer.check({.target = "0", .top = 0}), UserError);
  EXPECT_THROW(explainer.check({.target = "0", .depth = 9}), UserError);
  EXPECT_THROW(explainer.check({.target = "no such class"}), UserError);
}

}  // namespace
}  // namespace hdecomp
