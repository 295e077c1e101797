/// The experiments of other devices against the CPU's, and an ablation through the public API.
#include <gtest/gtest.h>

#include <cmath>

#include "hdecomp/experiment.h"
#include "tests/support/bundled_photos.h"
#include "tests/support/temporary_files.h"
#include "tests/support/tree_testing.h"

namespace hdecomp {
namespace {

using namespace testing_models;
using op_testing::other_devices;

class DeviceExperiments : public NetOnDevice {
 protected:
  static Model loaded() {
    const std::string path = file_testing::temporary_path(".h5");
    write_model(model(), path);
    return Model::load(path);
  }
  static std::vector<Image> photos() { return bundled_photos({"portrait.jpg", "coffee.jpg"}); }
  /// Global average pooling takes the mean anyway: there the drops from the last stage are nothing
  /// but rounding.
  static AblationFill fill() {
    return std::string(net().arch) == "vgg16" ? AblationFill::mean : AblationFill::zero;
  }
  static EngineOptions engine(Device on) {
    return {.device = to_string(on), .threads = 2, .batch = 2};
  }
};
INSTANTIATE_TEST_SUITE_P(Nets, DeviceExperiments,
                         on_devices(other_devices(), Net{"vgg16", 64}, Net{"resnet18", 64}),
                         net_name);

/// A field's part of a row.
std::vector<float> part(const ResultsPlan& plan, const ResultRow& row, const std::string& name) {
  auto begin = row.values.begin();
  for (const ResultField& field : plan.fields) {
    if (field.name == name) return {begin, begin + field.size()};
    begin += field.size();
  }
  ADD_FAILURE() << "no field " << name;
  return {};
}

void expect_near_or_both_nan(const std::vector<float>& ours, const std::vector<float>& expected) {
  ASSERT_EQ(ours.size(), expected.size());
  for (size_t i = 0; i < ours.size(); ++i) {
    EXPECT_EQ(std::isnan(ours[i]), std::isnan(expected[i])) << i;
    if (!std::isnan(expected[i])) {
      EXPECT_NEAR(ours[i], expected[i], 1e-3) << i;
    }
  }
}

TEST_P(DeviceExperiments, HaveTheCpusRows) {
  const std::vector<Image> images = photos();
  const std::vector<int32_t> labels(images.size(), -1);
  // The fields whose numbers rounding moves no more than a little.
  const std::vector<std::pair<ExperimentKind, std::vector<std::string>>> kinds{
      {ExperimentKind::pcc, {"correlation", "constant", "decisions", "unchanged"}},
      {ExperimentKind::masking,
       {"most_important", "least_important", "most_important_mean", "least_important_mean"}},
      {ExperimentKind::distribution, {"activated", "first_peaks"}}};
  for (const auto& [kind, fields] : kinds) {
    ExperimentOptions options;
    options.kind = kind;
    Experiment cpu(loaded(), engine({}), options), other(loaded(), engine(device()), options);
    const std::vector<ResultRow> ours = other.measure(images, labels);
    const std::vector<ResultRow> expected = cpu.measure(images, labels);
    EXPECT_EQ(other.plan().options.at("device"), "cuda");
    EXPECT_EQ(cpu.plan().fields.size(), other.plan().fields.size());
    for (size_t i = 0; i < images.size(); ++i) {
      SCOPED_TRACE(joined("image ", i));
      ASSERT_EQ(expected[i].state, ImageState::measured) << expected[i].error;
      ASSERT_EQ(ours[i].state, ImageState::measured) << ours[i].error;
      EXPECT_EQ(ours[i].decision, expected[i].decision);
      for (const std::string& field : fields) {
        SCOPED_TRACE(field);
        expect_near_or_both_nan(part(other.plan(), ours[i], field),
                                part(cpu.plan(), expected[i], field));
      }
    }
  }
}

TEST_P(DeviceExperiments, AblateGivesTheCpusDropsAndCorrelations) {
  const Image photo = photos().front();
  Explainer cpu(loaded(), engine({})), other(loaded(), engine(device()));
  const std::string from = joined("class:", cpu.classify(photo).front().index);
  AblationOptions options;
  options.fill = fill();
  options.overlaps = OverlapOptions{};
  const Ablation ours = other.ablate(photo, from, {}, options);
  const Ablation expected = cpu.ablate(photo, from, {}, options);
  ASSERT_EQ(ours.drops.size(), expected.drops.size());
  const double value = expected.gap.decision.value;
  for (size_t k = 0; k < ours.drops.size(); ++k) {
    EXPECT_NEAR(ours.drops[k], expected.drops[k], 1e-5 * value) << k;
  }
  EXPECT_NEAR(ours.with_contribution, expected.with_contribution, 1e-4);
  EXPECT_NEAR(ours.with_peak, expected.with_peak, 1e-4);
  ASSERT_EQ(ours.groups.size(), expected.groups.size());
  for (size_t g = 0; g < ours.groups.size(); ++g) {
    EXPECT_EQ(ours.groups[g].channels, expected.groups[g].channels);
    EXPECT_NEAR(ours.groups[g].drop, expected.groups[g].drop, 1e-5 * value);
  }
}

TEST_P(DeviceExperiments, ARecordedTreeIsTheSameAfterAnAblation) {
  const Image photo = photos().front();
  Explainer explainer(loaded(), engine(device()));
  const ExplainOptions options{.target = {}, .top = 2};
  const Tree before = explainer.explain(photo, options);
  const std::string from = joined("class:", before.decision.index);
  for (const AblationMethod method : {AblationMethod::fast, AblationMethod::naive}) {
    const AblationOptions ablating{.fill = fill(), .method = method};
    const Ablation ablation = explainer.ablate(photo, from, before.layers.back(), ablating);
    EXPECT_GT(std::ranges::max(ablation.drops), 0);
  }
  expect_equal_trees(explainer.explain(photo, options).root, before.root, 0);
}

/// --versus: a tree and drops of one class's score less another's.
TEST_P(DeviceExperiments, TheDifferenceOfTwoClassesIsTheCpus) {
  const Image photo = photos().front();
  Explainer plain(loaded(), engine({}));
  const std::vector<ClassScore> top = plain.classify(photo);
  const Model both =
      loaded().versus(joined("index:", top[0].index), joined("index:", top[1].index));
  Explainer cpu(both, engine({})), other(both, engine(device()));
  const Tree ours = other.explain(photo), expected = cpu.explain(photo);
  EXPECT_NEAR(expected.decision.score, top[0].score - top[1].score, 1e-4 * top[0].score);
  EXPECT_NEAR(ours.decision.score, expected.decision.score, 1e-4 * top[0].score);
  ASSERT_EQ(ours.root.children().size(), expected.root.children().size());
  for (size_t i = 0; i < ours.root.children().size(); ++i) {
    EXPECT_EQ(ours.root.children()[i].channel, expected.root.children()[i].channel);
  }
  AblationOptions options;
  options.fill = AblationFill::zero;
  const Ablation drops = other.ablate(photo, "class:0", {}, options);
  const Ablation wanted = cpu.ablate(photo, "class:0", {}, options);
  for (size_t k = 0; k < drops.drops.size(); ++k) {
    EXPECT_NEAR(drops.drops[k], wanted.drops[k], 1e-5 * top[0].score) << k;
  }
}

/// PGD's signs may differ where a gradient is 0 but for rounding: its loss hardly does.
TEST_P(DeviceExperiments, AnAttackRaisesTheLossAsOnTheCpu) {
  const std::vector<Image> images = photos();
  Explainer cpu(loaded(), engine({})), other(loaded(), engine(device()));
  AttackOptions options;
  options.steps = 2;
  const std::vector<Attacked> ours = other.attack_batch(images, options);
  const std::vector<Attacked> expected = cpu.attack_batch(images, options);
  for (size_t i = 0; i < images.size(); ++i) {
    EXPECT_GT(ours[i].loss, ours[i].loss_before);
    EXPECT_NEAR(ours[i].loss_before, expected[i].loss_before, 1e-4);
    EXPECT_NEAR(ours[i].loss, expected[i].loss, 1e-2 * expected[i].loss);
    EXPECT_LE(ours[i].distance, options.eps + 1e-6);
    EXPECT_EQ(ours[i].before.index, expected[i].before.index);
  }
}

}  // namespace
}  // namespace hdecomp
