/// The graphs of a results file's classes: rows written by hand, and rows that cannot be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "hdecomp/class_graphs.h"
#include "hdecomp/error.h"
#include "tests/support/temporary_files.h"

namespace hdecomp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr float none = std::numeric_limits<float>::quiet_NaN();

/// One level of the slim VGG-16, of at most two edges.
ResultsPlan two_edges(size_t images) {
  ResultsPlan plan;
  plan.experiment = "class-graph";
  plan.model = "00ff";
  plan.steps = {"scores->conv5_3"};
  for (size_t i = 0; i < images; ++i) plan.images.push_back(joined(i, ".jpg"));
  plan.labels.assign(images, -1);
  plan.fields = {{graph_class_field, {1}}, {edges_field("conv5_3"), {2, 3}}};
  return plan;
}

class ClassGraphRows : public ::testing::Test {
 protected:
  /// A row each: the class, then the edges. One without numbers is an undecided image.
  std::vector<ClassGraph> graphs_of(const std::vector<std::vector<float>>& rows) const {
    return graphs_of(two_edges(rows.size() + 1), rows);  // one is pending
  }

  std::vector<ClassGraph> graphs_of(const ResultsPlan& plan,
                                    const std::vector<std::vector<float>>& rows) const {
    const std::string path = file_testing::temporary_path("rows.h5");
    std::remove(path.c_str());
    ResultsFile results = ResultsFile::create(path, plan);
    for (size_t i = 0; i < rows.size(); ++i) {
      ResultRow row;
      row.image = static_cast<int64_t>(i);
      row.state = rows[i].empty() ? ImageState::undecided : ImageState::measured;
      row.decision = rows[i].empty() ? -1 : 0;
      row.values = rows[i];
      results.put({&row, 1});
    }
    return class_graphs(results, model);
  }

  std::string fault_of(const std::vector<float>& row) const { return fault_of(two_edges(2), row); }

  std::string fault_of(const ResultsPlan& plan, const std::vector<float>& row) const {
    try {
      graphs_of(plan, {row});
    } catch (const UserError& fault) {
      return fault.what();
    }
    return "";
  }

  Model model = Model::bundled("vgg16-slim");
};

TEST_F(ClassGraphRows, ClassesOfUnequalSizeTheLargestFirst) {
  const std::vector<ClassGraph> graphs = graphs_of({{7, 7, 3, 0.5f, 7, 9, 0.25f},
                                                    {},  // no decision
                                                    {4, 4, 3, 0.125f, none, none, none},
                                                    {7, 7, 9, 0.5f, none, none, none},
                                                    {2, none, none, none, none, none, none},
                                                    {7, none, none, none, none, none, none},
                                                    {4, 4, 127, 0.5f, none, none, none}});
  ASSERT_EQ(graphs.size(), 3u);
  EXPECT_EQ(graphs[0].of, 7);
  EXPECT_EQ(graphs[0].trees, 3);  // one of them has no positive alpha
  EXPECT_EQ(graphs[1].of, 4);
  EXPECT_EQ(graphs[1].trees, 2);
  EXPECT_EQ(graphs[2].of, 2);
  const GraphLevel& level = graphs[0].levels.at(0);
  EXPECT_EQ(level.layer, "conv5_3");
  ASSERT_EQ(level.edges.size(), 2u);
  EXPECT_EQ(level.edges[0].below, 9);
  EXPECT_EQ(level.edges[0].trees, 2);
  EXPECT_DOUBLE_EQ(level.edges[0].weight, 0.25);
  EXPECT_DOUBLE_EQ(level.edges[1].weight, 0.5 / 3);
  EXPECT_DOUBLE_EQ(level.reach, 0.25 + 0.5 / 3);
  EXPECT_EQ(graphs[2].levels.at(0).edges.size(), 0u);
  EXPECT_EQ(graphs[2].levels.at(0).reach, 0);
}

TEST_F(ClassGraphRows, OfNoMeasuredImageThereAreNone) { EXPECT_TRUE(graphs_of({{}}).empty()); }

TEST_F(ClassGraphRows, RefusesWhatNoTreeHas) {
  const std::vector<float> good{7, 7, 3, 0.5f, none, none, none};
  EXPECT_EQ(fault_of(good), "");
  const auto with = [&](size_t at, float value) {
    std::vector<float> row = good;
    row[at] = value;
    return fault_of(row);
  };
  for (const float value : {-1.0f, 100.0f, 0.5f, none}) {
    EXPECT_THAT(with(0, value), HasSubstr("decision_class")) << value;
  }
  for (const float value : {-1.0f, 100.0f, 1e30f, 0.5f}) {
    EXPECT_THAT(with(1, value), HasSubstr("edges_conv5_3")) << value;
  }
  for (const float value : {-1.0f, 128.0f, 1e30f, 0.5f, none}) {
    EXPECT_THAT(with(2, value), HasSubstr("edges_conv5_3")) << value;
  }
  for (const float value : {-0.5f, 3.0f, std::numeric_limits<float>::infinity(), none}) {
    EXPECT_THAT(with(3, value), HasSubstr("is no share")) << value;
  }
}

TEST_F(ClassGraphRows, RefusesStepsThatLeadNowhere) {
  const std::vector<float> good{7, 7, 3, 0.5f, none, none, none};
  ResultsPlan plan = two_edges(2);
  for (const char* step : {"conv5_3", "scores->"}) {
    plan.steps = {step};
    EXPECT_THAT(fault_of(plan, good), HasSubstr("is not LAYER->LAYER; the file is damaged"))
        << step;
  }
  plan.steps = {"scores->conv4_3"};
  EXPECT_THAT(fault_of(plan, good), HasSubstr("no values/edges_conv4_3"));
  plan = two_edges(2);
  plan.fields[1].extent = {2, 2};
  EXPECT_THAT(fault_of(plan, {7, 7, 3, 0.5f, none}), HasSubstr("no values/edges_conv5_3"));
  plan = two_edges(2);
  plan.steps = {"scores->nowhere"};
  plan.fields[1].name = edges_field("nowhere");
  EXPECT_THAT(fault_of(plan, good), HasSubstr("the model has no stage"));
}

}  // namespace
}  // namespace hdecomp
