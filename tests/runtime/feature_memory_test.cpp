/// Networks whose input would take more memory than there is.
#include "runtime/explain/feature_memory.h"

#include <gtest/gtest.h>

#include "hdecomp/explainer.h"
#include "tests/support/hostile_files.h"
#include "tests/support/slim_models.h"

namespace hdecomp {
namespace {

using file_testing::error_line;
using file_testing::expect_line;
using testing_models::slim_model;

TEST(FeatureMemory, IsThatOfAllNodes) {
  Graph graph = slim_model("alexnet", 127).graph;
  int64_t elements = 0;
  for (const FeatureShape& shape : graph.shapes) elements += shape.elements();
  EXPECT_EQ(feature_bytes(graph), 4 * elements);
}

TEST(FeatureMemory, RefusalsSayWhatWouldFit) {
  const Graph graph = slim_model("vgg16", 224).graph;
  const int64_t bytes = feature_bytes(graph);
  EXPECT_NO_THROW(require_room_for_features(graph, 4, 4 * bytes));
  const std::string batch = error_line([&] { require_room_for_features(graph, 4, 3 * bytes); });
  expect_line(batch, "--batch 4: an input of 224 x 224 (the model's crop) takes ");
  expect_line(batch, "give --batch 3 or less");
  const std::string crop = error_line([&] { require_room_for_features(graph, 1, bytes / 2); });
  expect_line(crop, "an input of 224 x 224 (the model's crop) takes ");
  const size_t at = crop.find("a crop of ");
  ASSERT_NE(at, std::string::npos) << crop;
  const int64_t fits = std::stoll(crop.substr(at + 10));
  EXPECT_LE(feature_bytes(slim_model("vgg16", fits).graph), bytes / 2);
  EXPECT_GT(feature_bytes(slim_model("vgg16", fits + 1).graph), bytes / 2);
}

TEST(FeatureMemory, AFileOfSomeMegabytesCannotAskForGigabytes) {
  // A network as the bundled one, which takes 4.5 GiB with this crop.
  ModelData model = slim_model("vgg16", 64);
  NetParams params = default_params("vgg16");
  for (int64_t& width : params.widths) width /= 4;
  params.hidden_units = {16, 16};
  params.pool_size = 1;
  params.classes = 10;
  params.input_size = 4096;
  model = initialise_model(params, 1);
  model.preprocess.size = model.preprocess.crop = 4096;
  const std::string path = file_testing::temporary_path(".h5");
  write_model(model, path);
  const std::string line = error_line([&] { Explainer(Model::load(path), {"cpu"}); });
  expect_line(line, "an input of 4096 x 4096 (the model's crop) takes ");
  expect_line(line, "there is room for ");
}

TEST(FeatureMemory, ThisMachineSaysWhatItHas) { EXPECT_GT(available_memory(), int64_t{1} << 20); }

}  // namespace
}  // namespace hdecomp
