/// The verb patches, and explain --patches.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <set>

#include "hdecomp/patches.h"
#include "tests/support/slim_models.h"
#include "tests/tools/experiments_testing.h"
#include "tests/tools/page_testing.h"
#include "weights/model/model_file.h"

namespace hdecomp {
namespace {

using namespace command_testing;
using file_testing::read_bytes;

class PatchesCommand : public Experiments {
 protected:
  Args with(const Args& names, const std::string& output, const Args& more = {}) const {
    Args all{"-o", file(output)};
    all.insert(all.end(), more.begin(), more.end());
    return over("patches", names, all);
  }
  std::shared_ptr<const PatchFile> load(const std::string& name) const {
    const std::string model = Model::bundled_path("vgg16-slim");
    return PatchFile::load(file(name), Model::load(model), file_sha256(model));
  }
  static Json page_in(const std::string& folder) {
    const auto bytes = read_bytes(folder + "/report.html");
    return page_of({bytes.begin(), bytes.end()});
  }
};

const Args photo_names{"chelsea.jpg", "portrait.jpg", "coffee.jpg"};

TEST_F(PatchesCommand, TheImagesAloneDecideTheBytes) {
  for (const char* by : {"activation", "contribution"}) {
    const auto bytes_of = [&](const Args& more) {
      Args all{"--by", by, "--top", "2"};
      all.insert(all.end(), more.begin(), more.end());
      std::filesystem::remove(file("a.h5"));
      EXPECT_EQ(run(with(photo_names, "a.h5", all)).code, 0);
      return read_bytes(file("a.h5"));
    };
    const auto whole = bytes_of({});
    EXPECT_EQ(bytes_of({"--batch", "1", "--threads", "1"}), whole) << by;
    EXPECT_EQ(bytes_of({"--batch", "2", "--threads", "3"}), whole) << by;
    EXPECT_NE(bytes_of({"--limit", "2"}), whole) << by;
    EXPECT_EQ(list_of(files_), (Args{"a.h5", "list.txt"}));
  }
}

TEST_F(PatchesCommand, AnImageTwiceIsTwoImagesAndTheEarlierOneFirst) {
  ASSERT_EQ(run(with({"coffee.jpg", "chelsea.jpg", "coffee.jpg"}, "p.h5", {"--top", "3"})).code, 0);
  const auto patches = load("p.h5");
  int both = 0;
  for (int64_t channel = 0; channel < 128; ++channel) {
    int first = -1, second = -1, at = 0;
    for (const Patch& patch : patches->of("conv5_3", channel, 0)) {
      if (patch.image == 0) first = at;
      if (patch.image == 2) second = at;
      ++at;
    }
    EXPECT_EQ(first < 0, second < 0) << channel;
    if (first < 0) continue;
    EXPECT_EQ(second, first + 1) << channel;
    ++both;
  }
  EXPECT_GT(both, 50);
}

TEST_F(PatchesCommand, FewerImagesThanPatchesAndChannelsThatAreNeverActive) {
  const Json json = run_json(with(photo_names, "p.h5", {"--layers", "conv5_3"}));
  EXPECT_EQ(json["measured"], 3);
  EXPECT_EQ(json["rows"][0][0], "conv5_3");
  EXPECT_EQ(json["rows"][0][2], "0");  // none has nine
  int64_t none = 0;
  const CommandResult refused = run({"explain", photo("chelsea.jpg"), "--patches", file("p.h5"),
                                     "--html", "--output-dir", file("out")});
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("has no patches of conv4_3"), std::string::npos) << refused.err;
  EXPECT_EQ(lines_of(refused.err), 1u);
  ASSERT_EQ(run(with({"rocket.jpg"}, "one.h5")).code, 0);
  const auto patches = load("one.h5");
  for (int64_t channel = 0; channel < 128; ++channel) {
    const auto found = patches->of("conv5_3", channel, 0);
    EXPECT_LE(found.size(), 1u);
    none += found.empty() ? 1 : 0;
    for (const Patch& patch : found) EXPECT_GT(patch.value, 0);
  }
  EXPECT_GT(none, 0);
  EXPECT_LT(none, 128);
}

TEST_F(PatchesCommand, SkipsWhatCannotBeReadAndTriesItAgain) {
  std::filesystem::copy_file(photo("chelsea.jpg"), file("a.jpg"));
  write_text(file("b.jpg"), "no image");
  const auto patches = [&](const std::string& output, const Args& more) {
    Args args{"patches", files_, "-o", file(output), "--device", "cpu"};
    args.insert(args.end(), more.begin(), more.end());
    return run(args);
  };
  const CommandResult result = patches("p.h5", {});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(lines_of(result.err), 1u);
  EXPECT_NE(result.out.find("1 images measured, 1 unreadable"), std::string::npos) << result.out;
  std::filesystem::copy_file(photo("portrait.jpg"), file("b.jpg"),
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(patches("p.h5", {"--resume"}).code, 0);
  EXPECT_EQ(patches("new.h5", {"--batch", "1"}).code, 0);
  EXPECT_EQ(read_bytes(file("p.h5")), read_bytes(file("new.h5")));
}

TEST_F(PatchesCommand, RefusesAndLeavesNothing) {
  const auto bad = [&](const Args& more, const std::string& part) {
    refused(with({"chelsea.jpg"}, "p.h5", more), part);
  };
  bad({"--by", "colour"}, "--by");
  bad({"--top", "0"}, "--top 0");
  bad({"--side", "4"}, "--side 4");
  bad({"--layers", "conv9_9"}, "conv9_9");
  bad({"--layers", "conv5_3,features.42"}, "named twice");
  bad({"--layers", "scores"}, "class scores");
  bad({"--by", "contribution", "--tree-top", "0"}, "--tree-top 0");
  refused(over("patches", {"chelsea.jpg"}, {"-o", file("p.txt")}), ".h5");
}

TEST_F(PatchesCommand, AfterAFullDiskItGoesOn) {
  Surroundings full = in_folder(files_);
  full.largest_file = 30000;
  const CommandResult stopped =
      run(over("patches", photo_names, {"-o", "p.h5", "--batch", "1"}), full);
  EXPECT_EQ(stopped.code, 2) << stopped.err;
  EXPECT_EQ(lines_of(stopped.err), 1u) << stopped.err;
  EXPECT_NE(stopped.err.find("p.h5"), std::string::npos) << stopped.err;
  EXPECT_FALSE(std::filesystem::exists(file("p.h5")));
  ASSERT_EQ(run(with(photo_names, "p.h5", {"--resume"})).code, 0);
  ASSERT_EQ(run(with(photo_names, "whole.h5")).code, 0);
  EXPECT_EQ(read_bytes(file("p.h5")), read_bytes(file("whole.h5")));
}

TEST_F(PatchesCommand, OfNoImageNothingIsLeft) {
  write_text(file("a.jpg"), "no image");
  const Args args{"patches", file("a.jpg"), "-o", file("p.h5")};
  const CommandResult none = run(args);
  EXPECT_EQ(none.code, 2);
  EXPECT_NE(none.err.find("not one of the images"), std::string::npos) << none.err;
  EXPECT_FALSE(std::filesystem::exists(file("p.h5")));
  std::filesystem::copy_file(photo("portrait.jpg"), file("a.jpg"),
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(run(args).code, 0);
}

/// A photograph is left out of its own report also where one of the two verbs turned it.
TEST_F(PatchesCommand, APhotographIsKnownAgainTurnedOrNot) {
  const std::string turned = file(
      "turned.jpg", file_testing::jpeg_with_exif(file_testing::read_bytes(photo("chelsea.jpg")),
                                                 file_testing::orientation_tag(6)));
  const Args names{turned, "portrait.jpg"};
  ASSERT_EQ(run(with(names, "stored.h5")).code, 0);
  ASSERT_EQ(run(with(names, "upright.h5", {"--exif"})).code, 0);
  const auto shown = [&](const std::string& patches, bool upright) {
    Args args{"explain", turned,          "--depth",      "1",        "--patches", file(patches),
              "--html",  "--no-pictures", "--output-dir", file("out")};
    if (upright) args.push_back("--exif");
    EXPECT_EQ(run(args).code, 0);
    std::set<std::string> images;
    const Json page = page_in(file("out"));
    for (const auto& [node, kinds] : page["patches"].items()) {
      for (const Json& patch : kinds[0]["patches"]) images.insert(patch["image"]);
    }
    return images;
  };
  for (const char* patches : {"stored.h5", "upright.h5"}) {
    for (const bool upright : {false, true}) {
      EXPECT_EQ(shown(patches, upright), std::set<std::string>{"portrait.jpg"}) << patches;
    }
  }
}

TEST_F(PatchesCommand, TheReportShowsThemWithoutTheDataAndWithoutThePhotographItself) {
  ASSERT_EQ(run(with(photo_names, "a.h5", {"--top", "2"})).code, 0);
  ASSERT_EQ(run(with(photo_names, "c.h5", {"--by", "contribution"})).code, 0);
  run_json({"explain", photo("coffee.jpg"), "--depth", "2", "--patches",
            file("a.h5") + "," + file("c.h5"), "--html", "--no-pictures", "--output-dir",
            file("out")});
  const Json page = page_in(file("out"));
  const auto patches = load("a.h5");
  size_t nodes = 0, shown = 0;
  for (const auto& [place, step] : page["steps"].items()) {
    for (const Json& child : step["children"]) {
      const std::string name =
          step["layer"].get<std::string>() + ":" + std::to_string(child["channel"].get<int>());
      const Json& kinds = page["patches"].at(name);
      ASSERT_EQ(kinds.size(), 2u);
      EXPECT_EQ(kinds[0]["by"], "activation");
      EXPECT_EQ(kinds[1]["by"], "contribution");
      EXPECT_EQ(kinds[0]["images"], 3);
      ++nodes;
      const auto all = patches->of(step["layer"], child["channel"], 0);
      size_t at = 0;
      for (const Patch& patch : all) {
        if (patches->plan().images[patch.image] == "coffee.jpg") continue;
        const Json& one = kinds[0]["patches"].at(at++);
        EXPECT_EQ(one["image"], patches->plan().images[patch.image]);
        EXPECT_EQ(one["value"].get<float>(), patch.value);
        EXPECT_EQ(one["box"], Json({patch.box.y, patch.box.x, patch.box.height, patch.box.width}));
        const std::string begin = "data:image/jpeg;base64,";
        const std::string picture = one["picture"];
        ASSERT_TRUE(picture.starts_with(begin));
        EXPECT_EQ(from_base64(picture.substr(begin.size())), *patch.crop);
        ++shown;
      }
      EXPECT_EQ(kinds[0]["patches"].size(), at);
    }
  }
  EXPECT_GE(nodes, 6u);
  EXPECT_GT(shown, 0u);
  write_model(testing_models::slim_model("vgg16", 96), file("other.h5"));
  const CommandResult other =
      run({"explain", photo("coffee.jpg"), "--model", file("other.h5"), "--patches", file("a.h5"),
           "--html", "--output-dir", file("out")});
  EXPECT_EQ(other.code, 2);
  EXPECT_NE(other.err.find("patches of another model"), std::string::npos) << other.err;
  EXPECT_EQ(lines_of(other.err), 1u);
}

}  // namespace
}  // namespace hdecomp
