/// Trees of many photographs by one call of C++, and its folder beside the command's.
#include "hdecomp/photo_trees.h"

#include <gmock/gmock.h>

#include "hdecomp/json.h"
#include "hdecomp/stopped.h"
#include "tests/tools/written_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;
using file_testing::line_if_refused;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

/// A folder of three photographs by class, one of which is said to show another, and a broken one.
class PhotoTrees : public ::testing::Test {
 protected:
  PhotoTrees() : folder_(empty_folder("_photos")), out_(empty_folder("_out")) {
    for (const auto& [of, name] : {std::pair("cup", "coffee.jpg"),
                                   {"faces_easy", "portrait.jpg"},
                                   {"pizza", "chelsea.jpg"}}) {
      fs::create_directory(folder_ + "/" + of);
      fs::copy_file(photo(name), folder_ + "/" + of + "/" + name);
    }
    write_text(folder_ + "/cup/broken.jpg", "no photograph");
    options_.trees.top = options_.trees.depth = 2;
  }
  ~PhotoTrees() override {
    fs::remove_all(folder_);
    fs::remove_all(out_);
  }

  ExperimentFiles files(bool labelled = true) const {
    ExperimentFiles files = files_in(folder_);
    if (labelled) files.labels = folder_labels(files.paths, explainer().model());
    return files;
  }
  static Explainer& explainer() {
    static Explainer made(Model::bundled("vgg16-slim"), {.device = "cpu", .batch = 2});
    return made;
  }
  std::string refusal(const PhotoTreesOptions& options) const {
    return line_if_refused([&] { explain_photos(explainer(), files(), options); });
  }

  std::string folder_, out_;
  PhotoTreesOptions options_;
};

TEST_F(PhotoTrees, EachHasItsTreeOrItsReasonInOrder) {
  const std::vector<PhotoTree> found = explain_photos(explainer(), files(), options_);
  ASSERT_EQ(found.size(), 4u);
  std::vector<std::string> names;
  for (const PhotoTree& one : found) names.push_back(one.shown);
  EXPECT_THAT(names, ElementsAre("cup/broken.jpg", "cup/coffee.jpg", "faces_easy/portrait.jpg",
                                 "pizza/chelsea.jpg"));
  EXPECT_FALSE(found[0].tree);
  EXPECT_TRUE(found[0].is_unreadable);
  EXPECT_THAT(found[0].error, HasSubstr("broken.jpg"));
  for (size_t i = 1; i < found.size(); ++i) {
    Tree alone = explainer().explain(Image::load(found[i].path), options_.trees);
    Tree together = found[i].tree.value();
    EXPECT_EQ(found[i].error, "");
    alone.timings_ms = together.timings_ms = {};
    EXPECT_EQ(to_json(together), to_json(alone)) << names[i];
  }
  EXPECT_FALSE(is_wrong(*found[2].tree, found[2].label));
  EXPECT_TRUE(is_wrong(*found[3].tree, found[3].label));
  EXPECT_FALSE(is_wrong(*found[3].tree, -1));
}

TEST_F(PhotoTrees, TheFolderIsTheCommands) {
  const std::string told = out_ + "/told", own = out_ + "/own";
  const CommandResult result =
      run({"explain", folder_, "--labels", "folder", "--top", "2", "--depth", "2", "--html",
           "--maps", "h5", "--colours", "dusk", "--svg", "--batch", "2", "--output-dir", told});
  EXPECT_EQ(result.code, 2) << result.err;  // of the broken one
  options_.output_dir = own;
  options_.files = {.look = {Colours::dusk, true}, .maps = "h5", .html = true};
  explain_photos(explainer(), files(), options_);
  expect_same_folders(own, told);
  EXPECT_TRUE(fs::exists(own + "/pizza/chelsea.jpg/report.html"));
  EXPECT_EQ(count_of(text_of(own + "/index.html"), "wrong: labelled"), 2u);
}

TEST_F(PhotoTrees, AFoldersOwnResultsAreNoPhotographs) {
  options_.output_dir = folder_ + "/results";
  options_.files.pictures = Pictures::sheets;
  EXPECT_EQ(explain_folder(explainer(), folder_, options_).size(), 4u);
  EXPECT_EQ(explain_folder(explainer(), folder_, options_).size(), 4u);
  EXPECT_TRUE(fs::exists(options_.output_dir + "/cup/coffee.jpg/pyramid.png"));
}

TEST_F(PhotoTrees, PathsAloneBeginAtTheirSharedFolder) {
  ExperimentFiles paths;
  for (const std::string& path : files().paths) paths.paths.push_back(path);
  options_.output_dir = out_ + "/paths";
  options_.files.pictures = Pictures::none;
  EXPECT_EQ(explain_photos(explainer(), paths, options_)[1].shown, paths.paths[1]);
  EXPECT_TRUE(fs::exists(options_.output_dir + "/faces_easy/portrait.jpg/tree.json"));
}

TEST_F(PhotoTrees, EachIsToldOfInOrderAndMayTakeItsTree) {
  std::vector<std::string> told;
  std::vector<int64_t> done;
  options_.each = [&](PhotoTree& one, const Image& image) {
    told.push_back(one.shown);
    EXPECT_EQ(one.tree.has_value(), image.width > 0) << one.shown;
    one.tree.reset();
  };
  options_.progress = [&](int64_t i, int64_t all) {
    done.push_back(i);
    EXPECT_EQ(all, 4);
  };
  for (const PhotoTree& one : explain_photos(explainer(), files(), options_)) {
    EXPECT_FALSE(one.tree);
  }
  EXPECT_THAT(told, ElementsAre("cup/broken.jpg", "cup/coffee.jpg", "faces_easy/portrait.jpg",
                                "pizza/chelsea.jpg"));
  EXPECT_THAT(done, ElementsAre(1, 2, 3, 4));
}

TEST_F(PhotoTrees, ItEndsWhereItIsAskedTo) {
  std::stop_source source;
  options_.trees.stop = source.get_token();
  options_.output_dir = out_ + "/stopped";
  options_.progress = [&](int64_t done, int64_t) {
    if (done == 2) source.request_stop();
  };
  EXPECT_THROW(explain_photos(explainer(), files(), options_), Stopped);
  EXPECT_FALSE(fs::exists(options_.output_dir + "/index.html"));
  options_ = {};
  options_.each = [](PhotoTree& one, const Image&) {
    if (one.tree) throw std::out_of_range("enough");
  };
  EXPECT_THROW(explain_photos(explainer(), files(), options_), std::out_of_range);
  // Nothing is left begun.
  EXPECT_GT(explainer().explain(Image::load(photo("portrait.jpg"))).decompositions, 1);
}

TEST_F(PhotoTrees, WhatIsWrongForAllIsSaidInALineAtOnce) {
  PhotoTreesOptions wrong = options_;
  wrong.trees.target = "nothing";
  EXPECT_THAT(refusal(wrong), HasSubstr("'nothing'"));
  wrong = options_;
  wrong.trees.after_level = [](const Tree&, int) {};
  EXPECT_EQ(refusal(wrong), "after_level is for one image");
  wrong = options_;
  wrong.output_dir = folder_ + "/cup/coffee.jpg";
  EXPECT_THAT(refusal(wrong), ::testing::StartsWith("output_dir "));
  wrong.output_dir = out_;
  wrong.files = {.pictures = Pictures::none, .look = {Colours::jet, true}};
  EXPECT_THAT(refusal(wrong), ::testing::StartsWith("svg: is not drawn"));
  wrong.files = {.threads = -1};
  EXPECT_THAT(refusal(wrong), HasSubstr("threads=-1"));
  ExperimentFiles photos = files();
  photos.labels.back() = 4000;
  EXPECT_THAT(line_if_refused([&] { explain_photos(explainer(), photos); }),
              HasSubstr("label 4000; the model has 100 classes"));
  EXPECT_EQ(line_if_refused([&] { explain_photos(explainer(), {}); }), "no images");
  EXPECT_EQ(list_of(out_).size(), 0u);
}

}  // namespace
}  // namespace hdecomp
