/// explain --maps and decompose --maps: the arrays in the files are the nodes' own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>

#include <filesystem>

#include "hdecomp/hdecomp.h"
#include "tests/tools/command_testing.h"
#include "weights/hdf5/hdf5_handles.h"

namespace hdecomp {
namespace {

using namespace command_testing;
namespace fs = std::filesystem;

Tree portrait_tree() {
  Explainer explainer(Model::bundled("vgg16-slim"), {"cpu"});
  ExplainOptions options;
  options.top = 2;
  options.depth = 3;
  options.keep_maps = true;
  return explainer.explain(Image::load(photo("portrait.jpg")), options);
}

Args explained(const std::string& folder, const std::string& form) {
  return {"explain", photo("portrait.jpg"), "--top",  "2", "--depth", "3", "--output-dir",
          folder,    "--no-pictures",       "--maps", form};
}

/// (n, height, width), one node's map after another.
std::vector<float> maps_below(const Decomposition& step) {
  std::vector<float> all;
  for (const TreeNode& node : step.evidence) {
    const std::vector<float> whole = node.map->whole();
    all.insert(all.end(), whole.begin(), whole.end());
  }
  return all;
}

TEST(CommandMaps, AFilePerDecisionHoldsItsNodesMaps) {
  const std::string folder = empty_folder();
  const CommandResult told = run(explained(folder, "npy"));
  EXPECT_EQ(told.code, 0) << told.err;
  EXPECT_THAT(told.out, ::testing::HasSubstr("a .npy file per decision in maps/"));
  const Tree tree = portrait_tree();
  std::ptrdiff_t files = 0;
  for (const TreeStep& met : distinct_steps(tree.root)) {
    const std::vector<float> wanted = maps_below(*met.decision->step);
    if (wanted.empty()) continue;
    const std::string file = folder + "/maps/" + place_of(*met.decision) + ".npy";
    EXPECT_EQ(load_npy(file, std::ssize(wanted)), wanted) << file;
    ++files;
  }
  EXPECT_GT(files, 3);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder + "/maps"), {}), files);
  // Another form takes their place.
  EXPECT_EQ(run(explained(folder, "h5")).code, 0);
  EXPECT_FALSE(fs::exists(folder + "/maps"));
  EXPECT_TRUE(fs::exists(folder + "/maps.h5"));
}

TEST(CommandMaps, AnHdf5FileHoldsThemAsDatasets) {
  const std::string folder = empty_folder();
  ASSERT_EQ(run(explained(folder, "h5")).code, 0);
  const H5Handle file(H5Fopen((folder + "/maps.h5").c_str(), H5F_ACC_RDONLY, H5P_DEFAULT),
                      H5Fclose);
  const Tree tree = portrait_tree();
  for (const TreeStep& met : distinct_steps(tree.root)) {
    const Decomposition& step = *met.decision->step;
    const std::vector<float> wanted = maps_below(step);
    if (wanted.empty()) continue;
    const H5Handle data(H5Dopen2(file, place_of(*met.decision).c_str(), H5P_DEFAULT), H5Dclose);
    const H5Handle space(H5Dget_space(data), H5Sclose);
    hsize_t extent[3] = {};
    ASSERT_EQ(H5Sget_simple_extent_ndims(space), 3);
    H5Sget_simple_extent_dims(space, extent, nullptr);
    EXPECT_THAT(extent, ::testing::ElementsAre(step.evidence.size(), step.height, step.width));
    std::vector<float> found(wanted.size());
    ASSERT_GE(H5Dread(data, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, found.data()), 0);
    EXPECT_EQ(found, wanted);
    std::vector<int64_t> channels(step.evidence.size());
    const H5Handle attribute(H5Aopen(data, "channels", H5P_DEFAULT), H5Aclose);
    ASSERT_GE(H5Aread(attribute, H5T_NATIVE_INT64, channels.data()), 0);
    for (size_t i = 0; i < channels.size(); ++i) EXPECT_EQ(channels[i], step.evidence[i].channel);
  }
}

TEST(CommandMaps, OfOneStepDownToThePixelsToo) {
  const std::string folder = empty_folder();
  const CommandResult told = run({"decompose", photo("portrait.jpg"), "--from", "class:faces_easy",
                                  "--to", "input", "--output-dir", folder, "--maps", "npy"});
  EXPECT_EQ(told.code, 0) << told.err;
  const fs::path file = folder + "/maps/scores:36@0,0.npy";
  ASSERT_TRUE(fs::exists(file));
  Explainer explainer(Model::bundled("vgg16-slim"), {"cpu"});
  const DecisionStep step =
      explainer.decompose(Image::load(photo("portrait.jpg")), "class:faces_easy", "input", 3, true);
  const std::vector<float> wanted = maps_below(*step.decision.step);
  EXPECT_EQ(load_npy(file, std::ssize(wanted)), wanted);
}

TEST(CommandMaps, WantAFolderAndAKnownForm) {
  for (const Args& wrong :
       {Args{"explain", photo("portrait.jpg"), "--maps", "npy"},
        Args{"explain", photo("portrait.jpg"), "--output-dir", empty_folder(), "--maps", "csv"}}) {
    const CommandResult told = run(wrong);
    EXPECT_EQ(told.code, 2);
    EXPECT_THAT(told.err, ::testing::HasSubstr("--maps"));
  }
}

TEST(SaveMaps, OfATreeWithoutMapsIsAnError) {
  Explainer explainer(Model::bundled("vgg16-slim"), {"cpu"});
  const Tree bare = explainer.explain(Image::load(photo("portrait.jpg")));
  EXPECT_THROW(save_maps_npy(bare.root, empty_folder()), Error);
  EXPECT_THROW(save_maps_hdf5(bare.root, empty_folder() + "/maps.h5"), Error);
}

}  // namespace
}  // namespace hdecomp
