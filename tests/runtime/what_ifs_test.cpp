/// The rows of what-ifs against what-if itself, asked one image at a time.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "hdecomp/error.h"
#include "hdecomp/experiment.h"
#include "tests/support/bundled_photos.h"
#include "tests/support/slim_models.h"
#include "tests/support/temporary_files.h"
#include "weights/model/model_file.h"

namespace hdecomp {
namespace {

const Model& slim() {
  static const Model model = Model::bundled("vgg16-slim");
  return model;
}

std::vector<Image> photos() {
  return testing_models::bundled_photos({"portrait.jpg", "coffee.jpg", "chelsea.jpg"});
}

/// No image, the first right, the others wrong: the model says faces_easy, yin_yang and a cat.
std::vector<int32_t> labels() {
  const auto face = static_cast<int32_t>(slim().find_class("faces_easy"));
  return {face, face, static_cast<int32_t>(slim().find_class("ketch"))};
}

ExperimentOptions question(const ChangeOptions& change) {
  ExperimentOptions options;
  options.kind = ExperimentKind::what_ifs;
  options.change = change;
  options.change.controls = 3;
  options.seed = 5;
  return options;
}

/// A row's field as it is named.
class Named {
 public:
  Named(const Experiment& experiment, const ResultRow& row) {
    size_t at = 0;
    for (const ResultField& field : experiment.plan().fields) {
      for (int64_t i = 0; i < field.size(); ++i) values_[field.name].push_back(row.values.at(at++));
    }
    EXPECT_EQ(at, row.values.size());
  }
  const std::vector<float>& operator[](const std::string& name) const { return values_.at(name); }

 private:
  std::map<std::string, std::vector<float>> values_;
};

WhatIfOptions asked() {
  WhatIfOptions options;
  options.controls = 3;
  options.seed = 5;
  return options;
}

/// Everything that a row says, from the answer to one image.
void expect_says(const Named& row, const WhatIf& says, int32_t label) {
  const std::vector<const Verdict*> both{&says.before, &says.after};
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(row["predicted"][i], static_cast<float>(both[i]->predicted().index));
    EXPECT_EQ(row["probability"][i], both[i]->decision.probability);
    EXPECT_EQ(row["score"][i], both[i]->decision.score);
    EXPECT_EQ(row["correct"][i], both[i]->predicted().index == label ? 1 : 0);
    const auto own = std::ranges::find(both[i]->top, int64_t{label}, &ClassScore::index);
    EXPECT_EQ(row["label_probability"][i], own->probability);
  }
  EXPECT_EQ(row["decision_class"][0], static_cast<float>(says.before.decision.index));
  const ControlSummary chance = summary_of(says);
  ASSERT_EQ(chance.controls, 3);
  double right = 0;
  for (const Verdict& control : says.controls) right += control.predicted().index == label ? 1 : 0;
  EXPECT_FLOAT_EQ(row["control_changes"][0], static_cast<float>(chance.class_changes) / 3);
  EXPECT_FLOAT_EQ(row["control_correct"][0], static_cast<float>(right / 3));
  EXPECT_FLOAT_EQ(row["control_as_low"][0], static_cast<float>(chance.as_low) / 3);
  EXPECT_NEAR(row["control_probability"][0], says.before.decision.probability + chance.mean_change,
              1e-6);
  EXPECT_NEAR(row["control_score"][0], says.before.decision.score + chance.mean_score_change, 1e-5);
}

std::vector<ResultRow> rows_of(Experiment& experiment) {
  return experiment.measure(photos(), labels());
}

/// What the tree's first node looks at, as explain has it.
TEST(WhatIfs, FillWhatTheFirstNodeLooksAt) {
  Explainer explainer(slim(), {.device = "cpu"});
  for (const bool field : {false, true}) {
    ChangeOptions change;
    change.field = field;
    change.pixels = field ? RegionFill::mean : RegionFill::blur;
    Experiment experiment(slim(), {.device = "cpu", .batch = 3}, question(change));
    const std::vector<ResultRow> rows = rows_of(experiment);
    for (size_t i = 0; i < rows.size(); ++i) {
      const Image photo = photos()[i];
      const Tree tree = explainer.explain(photo, {"", 1, 1, true});
      const TreeNode& node = tree.root.children().front();
      PhotoRegion region;
      if (field) {
        const PixelRectangle seen = slim().receptive_field(node.layer, node.y, node.x);
        region.box =
            box_of_input(photo, slim().preprocess(), seen.y, seen.x, seen.height, seen.width);
      } else {
        std::vector<uint8_t> cells(node.map->height * node.map->width);
        for (const int64_t cell : node.map->mask(0.5)) cells[cell] = 1;
        region =
            region_of_cells(photo, slim().preprocess(), cells, node.map->height, node.map->width);
      }
      ASSERT_EQ(rows[i].state, ImageState::measured);
      const Named row(experiment, rows[i]);
      EXPECT_EQ(row["channel"][0], static_cast<float>(node.channel));
      const WhatIf says = explainer.what_if(photo, region, change.pixels, asked());
      expect_says(row, says, labels()[i]);
      const PhotoBox seen = seen_of(photo, slim().preprocess());
      EXPECT_FLOAT_EQ(row["filled"][0], static_cast<float>(says.seen.pixels()) /
                                            static_cast<float>(seen.width * seen.height));
    }
  }
}

/// A channel by name, of a lower layer, is evidence of the class itself, as decompose has it.
TEST(WhatIfs, FillWhereAChannelLooks) {
  Explainer explainer(slim(), {.device = "cpu"});
  ChangeOptions change;
  change.at = "conv4_3:40";
  Experiment experiment(slim(), {.device = "cpu", .batch = 2}, question(change));
  const std::vector<Image> face{photos()[0]};
  const std::vector<int32_t> none{-1};
  const Named row(experiment, experiment.measure(face, none).front());
  StepOptions step;
  step.keep_maps = true;
  step.channels = {40};
  const DecisionStep decided = explainer.decompose(face[0], "class:faces_easy", "conv4_3", step);
  const ActivationMap& map = *decided.decision.children().front().map;
  std::vector<uint8_t> cells(map.height * map.width);
  for (const int64_t cell : map.mask(0.5)) cells[cell] = 1;
  const PhotoRegion region =
      region_of_cells(face[0], slim().preprocess(), cells, map.height, map.width);
  const WhatIf says = explainer.what_if(face[0], region, RegionFill::grey, asked());
  EXPECT_EQ(row["score"][1], says.after.decision.score);
  EXPECT_EQ(row["channel"][0], 40);
  EXPECT_TRUE(std::isnan(row["correct"][0]) && std::isnan(row["label_probability"][1]));
  EXPECT_TRUE(std::isnan(row["control_correct"][0]));
}

TEST(WhatIfs, SwitchChannelsOff) {
  Explainer explainer(slim(), {.device = "cpu"});
  for (const std::string off : {"top", "conv5_3:70,92,conv3_3:5"}) {
    ChangeOptions change;
    change.off = off;
    ExperimentOptions options = question(change);
    options.fill = off == "top" ? AblationFill::zero : AblationFill::mean;
    Experiment experiment(slim(), {.device = "cpu", .batch = 3}, options);
    const std::vector<ResultRow> rows = rows_of(experiment);
    for (size_t i = 0; i < rows.size(); ++i) {
      const Image photo = photos()[i];
      const Tree tree = explainer.explain(photo, {"", 1, 1});
      const TreeNode& node = tree.root.children().front();
      const std::string named = off == "top" ? joined(node.layer, ":", node.channel) : off;
      const Named row(experiment, rows[i]);
      expect_says(row,
                  explainer.what_if(photo, channels_off(named), options.fill, nullptr, asked()),
                  labels()[i]);
      EXPECT_EQ(row["channel"][0], off == "top" ? static_cast<float>(node.channel) : 5);
      EXPECT_TRUE(std::isnan(row["filled"][0]));
    }
  }
}

TEST(WhatIfs, FailuresAloneAreChangedWhereThatIsAsked) {
  ChangeOptions change, all;
  change.failures = true;
  Experiment failures(slim(), {.device = "cpu", .batch = 3}, question(change));
  Experiment every(slim(), {.device = "cpu", .batch = 1}, question(all));
  const std::vector<ResultRow> rows = rows_of(failures);
  const Named right(failures, rows[0]);
  EXPECT_EQ(right["correct"][0], 1);
  EXPECT_TRUE(std::isnan(right["predicted"][1]) && std::isnan(right["control_changes"][0]));
  const std::vector<Image> images = photos();
  for (size_t i = 1; i < rows.size(); ++i) {  // alone or together, the same numbers
    const ResultRow alone = every.measure({&images[i], 1}, {&labels()[i], 1}).front();
    EXPECT_EQ(rows[i].values, alone.values);
    EXPECT_EQ(Named(failures, rows[i])["correct"][0], 0);
  }
}

/// A slim VGG-11 that takes a black photograph as zeros.
class WhatIfsThatOverflow : public ::testing::Test {
 protected:
  WhatIfsThatOverflow() : net_(testing_models::slim_model("vgg11", 64)) {
    net_.preprocess.mean = {0, 0, 0};
  }
  void set(const std::string& layer, float weight, float bias) {
    const LayerWeights& own = testing_models::layer_of(net_, layer);
    for (const auto& [tensor, value] : {std::pair(&own.weight, weight), {&own.bias, bias}}) {
      std::fill_n(const_cast<float*>(tensor->data()), tensor->elements(), value);
    }
  }
  Model model() const {
    const std::string file = file_testing::temporary_path(".h5");
    write_model(net_, file);
    return Model::load(file);
  }
  ResultRow row_of(Experiment& experiment) const {
    const int32_t none = -1;
    return experiment.measure({&black_, 1}, {&none, 1}).front();
  }

  ModelData net_;
  const Image black_{64, 64, std::vector<uint8_t>(64 * 64 * 3, 0)};
};

TEST_F(WhatIfsThatOverflow, WithPixelsFilledHaveNothingOfAfter) {
  set("conv5_2", 0.1f, 1);
  set("fc6", 0.01f, 0);
  set("fc7", 0.01f, 0);
  set("fc8", 0.01f, 1);
  Experiment sound(model(), {.device = "cpu"}, question({}));
  const ResultRow other = row_of(sound);
  ASSERT_EQ(other.state, ImageState::measured);
  EXPECT_FALSE(std::isnan(Named(sound, other)["score"][1]));  // there is something to fill
  set("conv1_1", 1e38f, 0);
  Experiment experiment(model(), {.device = "cpu"}, question({}));
  const ResultRow row = row_of(experiment);
  ASSERT_EQ(row.state, ImageState::measured);
  const Named named(experiment, row);
  EXPECT_EQ(named["score"][0], Named(sound, other)["score"][0]);
  EXPECT_TRUE(std::isnan(named["score"][1]) && std::isnan(named["predicted"][1]));
  EXPECT_TRUE(std::isnan(named["channel"][0]) && std::isnan(named["control_score"][0]));
}

/// The last stage's features keep the units above at 0; without them these are 1, and the scores
/// are too large.
TEST_F(WhatIfsThatOverflow, WithChannelsOffHaveNothingOfAfter) {
  set("conv5_2", 0, 10);
  set("fc6", -1, 1);
  set("fc7", 1, 0);
  set("fc8", 1e38f, 1);
  const Model model = this->model();
  ChangeOptions change;
  const int64_t channels = testing_models::layer_of(net_, "conv5_2").bias.elements();
  for (int64_t c = 0; c < channels; ++c) {
    change.off += joined(c == 0 ? model.stages().front() + ":" : ",", c);
  }
  ExperimentOptions options = question(change);
  options.fill = AblationFill::zero;
  Experiment experiment(model, {.device = "cpu"}, options);
  const ResultRow row = row_of(experiment);
  ASSERT_EQ(row.state, ImageState::measured) << row.error;
  EXPECT_EQ(Named(experiment, row)["score"][0], 1);
  EXPECT_TRUE(std::isnan(Named(experiment, row)["score"][1]));
  Explainer explainer(model, {.device = "cpu"});
  const auto off = channels_off(change.off);
  EXPECT_THROW(explainer.what_if(black_, off, AblationFill::zero, nullptr, asked()), ImageError);
}

TEST(WhatIfs, LabelsThatTheModelDoesNotHaveAreRefused) {
  Experiment experiment(slim(), {.device = "cpu"}, question({}));
  const std::vector<Image> face{photos()[0]};
  const std::vector<int32_t> beyond{static_cast<int32_t>(slim().class_count())};
  EXPECT_THROW(experiment.measure(face, beyond), Error);
}

TEST(WhatIfs, WithoutChanceTheRestIsTheSame) {
  ExperimentOptions none = question({});
  none.change.controls = 0;
  Experiment with(slim(), {.device = "cpu", .batch = 3}, question({}));
  Experiment without(slim(), {.device = "cpu", .batch = 3}, none);
  const ResultRow one = rows_of(with)[1], other = rows_of(without)[1];
  EXPECT_EQ(Named(with, one)["score"], Named(without, other)["score"]);
  EXPECT_TRUE(std::isnan(Named(without, other)["control_score"][0]));
}

}  // namespace
}  // namespace hdecomp
