/// Several images at once: each has exactly what it has alone, in the network, in the tree and
/// through the public API.
#include <gtest/gtest.h>

#include <algorithm>

#include "hdecomp/error.h"
#include "hdecomp/explainer.h"
#include "runtime/recorded_trees.h"
#include "tests/small_model.h"

namespace hdecomp {
namespace {

using testing_models::noise_image;
using testing_models::slim;

constexpr int64_t images = 3;

struct Net {
  const char* arch;
  int64_t input_size;
};
void PrintTo(const Net& net, std::ostream* out) { *out << net.arch; }

/// A network planned for some images, run on seeded noise.
struct Engine {
  Context context;
  Executor executor;
  WindowExecutor windows;
  TreePlan plan;

  Engine(const ModelData& model, int64_t batch)
      : executor(context, model, batch), windows(context, model, executor) {
    plan.from = model.graph.scores();
    for (auto stage = model.graph.stage_ends.rbegin(); stage != model.graph.stage_ends.rend();
         ++stage) {
      plan.levels.push_back(stage->node);
    }
    plan.top = 2;
    plan.keep_maps = true;
  }

  void run(int64_t size, int64_t first, int64_t count) {
    Tensor batch({}, {count, 3, size, size});
    for (int64_t i = 0; i < count; ++i) {
      const Tensor one = noise_image(size, static_cast<uint32_t>(20 + first + i));
      std::ranges::copy(one.span(), batch.data() + i * one.elements());
    }
    executor.forward(batch);
  }

  Neuron strongest_class(int64_t image) const {
    const Tensor& scores = executor.feature(plan.from);
    const float* row = scores.data() + image * scores.shape()[1];
    return {std::max_element(row, row + scores.shape()[1]) - row, 0, 0, image};
  }
};

/// The same bits in every number of two trees.
void expect_same(const TreeNode& a, const TreeNode& b) {
  ASSERT_EQ(a.layer, b.layer);
  ASSERT_EQ(a.channel, b.channel);
  EXPECT_EQ(a.y, b.y);
  EXPECT_EQ(a.x, b.x);
  EXPECT_EQ(a.value, b.value);
  EXPECT_EQ(a.contribution, b.contribution);
  EXPECT_EQ(a.peak, b.peak);
  ASSERT_EQ(a.map == nullptr, b.map == nullptr);
  if (a.map) {
    EXPECT_EQ(*a.map, *b.map);
  }
  ASSERT_EQ(a.step == nullptr, b.step == nullptr);
  if (a.step) {
    EXPECT_EQ(a.step->contribution, b.step->contribution);
    EXPECT_EQ(a.step->mean_gradient, b.step->mean_gradient);
    EXPECT_EQ(a.step->max_gradient, b.step->max_gradient);
    EXPECT_EQ(a.step->position, b.step->position);
  }
  ASSERT_EQ(a.children.size(), b.children.size());
  for (size_t i = 0; i < a.children.size(); ++i) expect_same(a.children[i], b.children[i]);
}

class BatchOfNet : public ::testing::TestWithParam<Net> {};
INSTANTIATE_TEST_SUITE_P(Nets, BatchOfNet,
                         ::testing::Values(Net{"vgg16", 96}, Net{"alexnet", 127},
                                           Net{"resnet18", 128}, Net{"resnet50", 128}),
                         [](const auto& net) { return std::string(net.param.arch); });

TEST_P(BatchOfNet, EachImageHasTheTreeThatItHasAlone) {
  const int64_t size = GetParam().input_size;
  const ModelData model = slim(GetParam().arch, size);
  Engine together(model, images + 1), alone(model, 1);  // one more than there are images
  together.run(size, 0, images);
  std::vector<Neuron> roots;
  for (int64_t i = 0; i < images; ++i) roots.push_back(together.strongest_class(i));
  const std::vector<BuiltTree> trees = build_trees(together.windows, together.plan, roots);
  ASSERT_EQ(trees.size(), size_t{images});
  for (int64_t i = 0; i < images; ++i) {
    alone.run(size, i, 1);
    const Neuron root = alone.strongest_class(0);
    ASSERT_EQ(root.channel, roots[i].channel);
    const BuiltTree tree = build_trees(alone.windows, alone.plan, {root}).front();
    expect_same(trees[i].root, tree.root);
    EXPECT_EQ(trees[i].decompositions, tree.decompositions);
    EXPECT_EQ(trees[i].multiply_adds, tree.multiply_adds);
    EXPECT_GT(tree.decompositions, 5);
  }
}

TEST_P(BatchOfNet, RecordedTreesEqualTheHostsAgainAndAgain) {
  const int64_t size = GetParam().input_size;
  const ModelData model = slim(GetParam().arch, size);
  Engine engine(model, images);
  RecordedTrees recorded(engine.windows, engine.plan, images);
  for (int64_t round = 0; round < 3; ++round) {  // run, recorded, replayed
    const int64_t count = round == 1 ? 2 : images;
    engine.run(size, 10 * round, count);
    std::vector<Neuron> roots;
    for (int64_t i = 0; i < count; ++i) roots.push_back(engine.strongest_class(i));
    const std::vector<BuiltTree> ours = recorded.run(roots);
    const std::vector<BuiltTree> expected = build_trees(engine.windows, engine.plan, roots);
    ASSERT_EQ(ours.size(), expected.size());
    for (size_t i = 0; i < ours.size(); ++i) {
      expect_same(ours[i].root, expected[i].root);
      EXPECT_EQ(ours[i].decompositions, expected[i].decompositions);
    }
  }
}

TEST_P(BatchOfNet, TheSecondTreeTakesNoMemory) {
  const int64_t size = GetParam().input_size;
  const ModelData model = slim(GetParam().arch, size);
  Engine engine(model, 1);
  engine.run(size, 0, 1);
  const Neuron root = engine.strongest_class(0);
  build_trees(engine.windows, engine.plan, {root});
  const int64_t before = engine.windows.pool().allocations();
  EXPECT_GT(before, 0);
  engine.run(size, 0, 1);
  build_trees(engine.windows, engine.plan, {root});
  EXPECT_EQ(engine.windows.pool().allocations(), before);
}

Image photo(uint8_t grey) { return {64, 64, std::vector<uint8_t>(64 * 64 * 3, grey)}; }

TEST(ExplainBatch, AnImageWithoutAPositiveScoreKeepsItsErrorToItself) {
  ModelData model = slim("vgg11", 64);
  // Class 3 grows with brightness alone: its score is positive on white, negative on black.
  LayerWeights& last = model.layers.back();
  std::ranges::fill(last.weight.span(), 0.0f);
  std::fill_n(last.weight.data() + 3 * last.weight.shape()[1], last.weight.shape()[1], 1.0f);
  std::ranges::fill(last.bias.span(), 0.0f);
  const std::string file = ::testing::TempDir() + "batch_model.h5";
  write_model(model, file);
  Explainer probe(Model::load(file), {.device = "cpu"});
  const float dark = probe.classify(photo(0), 10)[0].score;
  const float bright = probe.classify(photo(255), 10)[0].score;
  ASSERT_NE(dark, bright);
  last.bias.data()[3] = -(dark + bright) / 2;
  write_model(model, file);
  Explainer explainer(Model::load(file), {.device = "cpu", .batch = 2});
  const std::vector<Image> photos{photo(0), photo(255)};
  const auto explained = explainer.explain_batch(photos, {.target = "3", .depth = 1});
  ASSERT_EQ(explained.size(), 2u);
  const size_t bad = dark < bright ? 0 : 1;
  EXPECT_FALSE(explained[bad].tree);
  EXPECT_NE(explained[bad].error.find("positive"), std::string::npos) << explained[bad].error;
  ASSERT_TRUE(explained[1 - bad].tree);
  EXPECT_EQ(explained[1 - bad].tree->decision.index, 3);
}

TEST(ExplainBatch, RefusesMoreImagesThanItsBatchAndBadBatches) {
  const std::string file = ::testing::TempDir() + "batch_limits.h5";
  write_model(slim("vgg11", 64), file);
  Explainer explainer(Model::load(file), {.device = "cpu"});
  const std::vector<Image> photos{photo(10), photo(20)};
  EXPECT_THROW(explainer.explain_batch(photos), Error);
  EXPECT_TRUE(explainer.explain_batch({}).empty());
  EXPECT_THROW(Explainer(Model::load(file), {.device = "cpu", .batch = 0}), UserError);
  EXPECT_THROW(Explainer(Model::load(file), {.device = "cpu", .precision = "fp8"}), UserError);
  EXPECT_THROW(explainer.check({.target = "0", .top = 0}), UserError);
  EXPECT_THROW(explainer.check({.target = "0", .depth = 9}), UserError);
  EXPECT_THROW(explainer.check({.target = "no such class"}), UserError);
}

}  // namespace
}  // namespace hdecomp
