/// Networks in bf16 on the CPU: all that is computed with a linear layer's weights is what float32
/// computes with the rounded ones.
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>

#include "hdecomp/hdecomp.h"
#include "kernels/product/narrow_weights_cpu.h"
#include "tests/runtime/ablation_testing.h"
#include "tests/support/bundled_photos.h"
#include "tests/support/hostile_files.h"
#include "tests/support/tree_overlap.h"
#include "tests/support/tree_testing.h"

namespace hdecomp {
namespace {

using namespace testing_models;
using op_testing::same_bits;

class NarrowNets : public ::testing::TestWithParam<Net> {
 protected:
  static ModelData model() { return slim_model(GetParam().arch, GetParam().input_size); }

  /// The same with linear layers' weights that bf16 holds exactly.
  static ModelData rounded_model() {
    ModelData rounded = model();
    for (size_t i = 0; i < rounded.layers.size(); ++i) {
      if (rounded.graph.nodes[i].op != Op::linear) continue;
      for (float& w : rounded.layers[i].weight.span()) w = cpu::rounded_to_bf16(w);
    }
    return rounded;
  }

  void SetUp() override {
    const Tensor images = noise_batch(GetParam().input_size, 20, 2);
    for (DeviceNet* net : {&narrow_, &exact_, &strict_}) net->forward(images);
  }

  DeviceNet narrow_{model(), {Device{}, 2, 2, Precision::bf16}};
  DeviceNet exact_{rounded_model(), {Device{}, 2}};
  DeviceNet strict_{model(), {Device{}, 2}};
};
INSTANTIATE_TEST_SUITE_P(Nets, NarrowNets,
                         ::testing::Values(Net{"vgg16", 96}, Net{"alexnet", 127},
                                           Net{"resnet18", 96}),
                         [](const auto& net) { return std::string(net.param.arch); });

TEST_P(NarrowNets, ComputeTheRoundedNetsFeaturesAndTrees) {
  const int scores = exact_.graph().scores();
  EXPECT_TRUE(same_bits(narrow_.feature(scores), exact_.feature(scores)));
  EXPECT_FALSE(same_bits(narrow_.feature(scores), strict_.feature(scores)));
  const int last = exact_.graph().stage_ends.back().node;
  EXPECT_TRUE(same_bits(narrow_.feature(last), strict_.feature(last)));  // convolutions alone
  const TreeQuestion question = question_of(exact_.graph(), 3);
  const std::vector<Neuron> roots = strongest_classes(exact_, 2);
  expect_equal_trees(build_trees(narrow_.windows, question, roots),
                     build_trees(exact_.windows, question, roots), 0);
  for (const Neuron& root : roots) {
    EXPECT_TRUE(
        same_bits(narrow_.gradient(scores, root, last), exact_.gradient(scores, root, last)));
  }
}

/// Of both methods, from the scores and from a unit of each linear layer.
TEST_P(NarrowNets, AblateTheRoundedNet) {
  const int last = exact_.graph().stage_ends.back().node;
  for (int from = last + 1; from <= exact_.graph().scores(); ++from) {
    if (exact_.graph().nodes[from].op != Op::linear) continue;
    SCOPED_TRACE(exact_.graph().nodes[from].name);
    const Neuron decision = exact_.strongest(from);
    for (const AblationMethod method : {AblationMethod::fast, AblationMethod::naive}) {
      const AblationQuestion question{from, last, AblationFill::mean, method};
      EXPECT_EQ(drops(narrow_, question, decision), drops(exact_, question, decision));
    }
    expect_same_drops(narrow_, {from, last, AblationFill::mean, AblationMethod::fast}, decision);
  }
}

/// A model's file, and one whose linear layers bf16 holds exactly.
TEST_P(NarrowNets, HaveTheRoundedNetsSaliencyMaps) {
  const std::string file = file_testing::temporary_path(".h5");
  const std::string exact = file_testing::temporary_path(".h5");
  write_model(model(), file);
  write_model(rounded_model(), exact);
  const Image photo = bundled_photo("chelsea.jpg");
  Explainer narrow(Model::load(file, ModelMemory::mapped_in_passing),
                   {.device = "cpu", .threads = 2, .precision = "bf16"});
  Explainer strict(Model::load(exact), {.device = "cpu", .threads = 2});
  for (const SaliencyMethod method : {SaliencyMethod::gradient, SaliencyMethod::guided,
                                      SaliencyMethod::lrp, SaliencyMethod::grad_cam}) {
    SaliencyOptions options;
    options.method = method;
    EXPECT_EQ(narrow.saliency(photo, options).values, strict.saliency(photo, options).values)
        << static_cast<int>(method);
  }
}

std::vector<Tree> bundled_trees(const std::string& precision, int threads, int batch) {
  Explainer explainer(
      Model::bundled("vgg16-slim"),
      {.device = "cpu", .threads = threads, .batch = batch, .precision = precision});
  std::vector<Tree> trees;
  const std::vector<Image> images = bundled_photos({"portrait.jpg", "chelsea.jpg", "coffee.jpg"});
  for (size_t first = 0; first < images.size(); first += batch) {
    const std::span<const Image> some = std::span(images).subspan(first, batch);
    for (Explained& each : explainer.explain_batch(some, {.target = {}, .top = 3, .depth = 3})) {
      trees.push_back(std::move(each.tree.value()));
    }
  }
  return trees;
}

TEST(NarrowTrees, OfTheBundledModelKeepTheStrongestEvidence) {
  const std::vector<Tree> narrow = bundled_trees("bf16", 2, 1);
  const std::vector<Tree> strict = bundled_trees("float32", 2, 1);
  Overlap overlap;
  for (size_t i = 0; i < strict.size(); ++i) {
    EXPECT_EQ(narrow[i].decision.index, strict[i].decision.index);
    expect_close(narrow[i].decision.score, strict[i].decision.score, 0x1p-7);
    EXPECT_NE(narrow[i].decision.score, strict[i].decision.score);  // it is another precision
    EXPECT_EQ(narrow[i].root.children()[0].channel, strict[i].root.children()[0].channel);
    compare(narrow[i].root, strict[i].root, overlap);
  }
  EXPECT_LT(overlap.changed, overlap.chosen / 20);
  RecordProperty("chosen", joined(overlap.chosen));
  RecordProperty("changed", joined(overlap.changed));
  std::cout << "bf16 on the CPU: " << overlap.changed << " of " << overlap.chosen
            << " chosen channels differ from float32's\n";
}

TEST(NarrowTrees, AreTheSameBitsForAnyThreadsAndBatch) {
  const std::vector<Tree> one = bundled_trees("bf16", 1, 1);
  for (const auto& [threads, batch] : {std::pair{2, 1}, {3, 3}}) {
    const std::vector<Tree> several = bundled_trees("bf16", threads, batch);
    ASSERT_EQ(several.size(), one.size());
    for (size_t i = 0; i < one.size(); ++i) {
      expect_equal_trees(several[i].root, one[i].root, 0);
    }
  }
}

TEST(NarrowTrees, AModelServesBothPrecisionsAtOnce) {
  const Model model = Model::bundled("vgg16-slim");
  const Image photo = bundled_photo("chelsea.jpg");
  const auto score = [&](Explainer& explainer) {
    return explainer.explain(photo, {.target = {}, .top = 1, .depth = 1}).decision.score;
  };
  Explainer strict(model, {.device = "cpu", .threads = 1});
  const double expected = score(strict);
  auto narrow = std::make_unique<Explainer>(
      model, EngineOptions{.device = "cpu", .threads = 1, .precision = "bf16"});
  Explainer same(model, {.device = "cpu", .threads = 1, .precision = "bf16"});
  EXPECT_EQ(score(strict), expected);
  EXPECT_EQ(score(*narrow), score(same));
  EXPECT_NE(score(*narrow), expected);
  narrow.reset();
  EXPECT_NE(score(same), expected);
}

TEST(NarrowTrees, OfTf32AndFp16AreRefusedInALineThatSaysWhatThereIs) {
  for (const char* precision : {"tf32", "fp16"}) {
    SCOPED_TRACE(precision);
    const std::string line = file_testing::error_line([&] {
      Explainer(Model::bundled("vgg16-slim"), {.device = "cpu", .precision = precision});
    });
    file_testing::expect_line(line, "need a GPU");
    file_testing::expect_line(line, "bf16");
  }
}

}  // namespace
}  // namespace hdecomp
