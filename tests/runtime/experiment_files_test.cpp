/// Experiments over files as callers in code ask for them: images for control, labels, what is
/// missing.
#include "hdecomp/experiment_files.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "hdecomp/hdecomp.h"
#include "hdecomp/model_file.h"
#include "hdecomp/photo_folder.h"
#include "tests/tools/command_testing.h"

namespace hdecomp {
namespace {

namespace fs = std::filesystem;
using command_testing::empty_folder;
using command_testing::photo;
using command_testing::write_text;
using file_testing::error_line;

TEST(ExperimentFiles, ControlsAreTheFirstTwoThatDifferAndCanBeRead) {
  const std::string bad = empty_folder() + "/bad.jpg";
  write_text(bad, "no photograph");
  const std::vector<std::string> paths{bad, photo("portrait.jpg"), photo("portrait.jpg"),
                                       photo("chelsea.jpg"), photo("coffee.jpg")};
  const std::vector<Image> found = control_images(paths);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].rgb, Image::load(paths[1]).rgb);
  EXPECT_EQ(found[1].rgb, Image::load(paths[3]).rgb);
  EXPECT_EQ(control_images(std::span(paths).first(3)).size(), 1u);
}

TEST(ExperimentFiles, FoldersAreListedByPathAndNameClasses) {
  const std::string folder = empty_folder();
  fs::create_directories(folder + "/faces_easy/deep");
  fs::create_directories(folder + "/left out");
  for (const char* name :
       {"b.JPG", "faces_easy/a.png", "faces_easy/deep/c.gif", "notes.txt", "left out/d.png"}) {
    write_text(folder + "/" + name, "");
  }
  std::vector<std::string> paths, shown;
  for (const FolderPhoto& each : photos_in(folder, folder + "/left out")) {
    paths.push_back(each.path);
    shown.push_back(each.shown);
  }
  EXPECT_EQ(shown,
            (std::vector<std::string>{"b.JPG", "faces_easy/a.png", "faces_easy/deep/c.gif"}));
  EXPECT_EQ(paths[1], folder + "/faces_easy/a.png");
  EXPECT_EQ(error_line([&] { photos_in(folder + "/none"); }),
            folder + "/none: cannot be read (No such file or directory)");
  const Model model = Model::bundled("vgg16-slim");
  EXPECT_EQ(folder_labels(std::span(paths).subspan(1, 1), model), std::vector<int32_t>{36});
  file_testing::expect_line(error_line([&] { folder_labels(paths, model); }), "no class '");
}

TEST(ExperimentFiles, WhatIsMissingIsToldOfBeforeAFileIsMade) {
  const std::string output = empty_folder() + "/a.h5";
  const Model model = Model::bundled("vgg16-slim");
  ExperimentFiles files;
  const auto refused = [&](const ExperimentOptions& options) {
    Experiment experiment(model, {.device = "cpu"}, options);
    return error_line([&] { measure_files(experiment, options, files, {output, false, {}}); });
  };
  EXPECT_EQ(refused(usual_options(ExperimentKind::pcc)), "no images");
  files = {{photo("portrait.jpg")}, {"portrait.jpg"}, {-1}};
  ExperimentOptions options = usual_options(ExperimentKind::discriminate);
  EXPECT_EQ(refused(options), "discriminate counts by class: give labels");
  options = usual_options(ExperimentKind::masking);
  options.target = "label";
  EXPECT_EQ(refused(options), "the class is each image's label: give labels");
  options = usual_options(ExperimentKind::what_ifs);
  options.change.failures = true;
  EXPECT_EQ(refused(options), "failures are told by their label: give labels");
  EXPECT_FALSE(fs::exists(output));
}

TEST(ModelFile, IsAPathOrABundledName) {
  EXPECT_EQ(model_file(""), Model::bundled_path());
  EXPECT_EQ(model_file("vgg16-slim"), Model::bundled_path("vgg16-slim"));
  EXPECT_EQ(model_file("some/net.h5"), "some/net.h5");
  EXPECT_EQ(model_file("net.h5"), "net.h5");
  EXPECT_THROW(model_file("resnet18"), UserError);
}

}  // namespace
}  // namespace hdecomp
