/// `hdecomp explain` on folders and lists of images.
#include <gtest/gtest.h>

#include <map>

#include "tests/tools/command_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;
namespace fs = std::filesystem;

/// A folder of photographs: sub/portrait.JPG, a.jpg (a rocket) and a.png (a cat: JPEG, for all its
/// name).
class ExplainMany : public ::testing::Test {
 protected:
  ExplainMany() : folder_(empty_folder("_photos")), out_(empty_folder("_out")) {
    fs::create_directory(file("sub"));
    fs::copy_file(photo("rocket.jpg"), file("a.jpg"));
    fs::copy_file(photo("chelsea.jpg"), file("a.png"));
    fs::copy_file(photo("portrait.jpg"), file("sub/portrait.JPG"));
    write_text(file("notes.txt"), "no image");
  }
  ~ExplainMany() override {
    fs::remove_all(folder_);
    fs::remove_all(out_);
  }

  std::string file(const std::string& name) const { return folder_ + "/" + name; }
  std::string list(const std::string& lines) const {
    write_text(out_ + "/list.txt", lines);
    return out_ + "/list.txt";
  }
  /// A small tree where the arguments do not ask for another.
  Args explain(const Args& more) const {
    Args args{"explain"};
    for (const char* flag : {"--depth", "--top"}) {
      if (std::ranges::find(more, flag) == more.end()) args.insert(args.end(), {flag, "2"});
    }
    args.insert(args.end(), more.begin(), more.end());
    return args;
  }
  /// What the image gives alone.
  Json alone(const std::string& name) const {
    return without(run_json(explain({file(name)})), {"timings_ms"});
  }

  std::string folder_, out_;
};

/// The command's JSON where it ends with 2, because of skipped images.
Json json_of_skipping(Args args, std::string* err = nullptr) {
  args.emplace_back("--json");
  const CommandResult result = run(args);
  EXPECT_EQ(result.code, 2) << result.err;
  if (err != nullptr) *err = result.err;
  Json json = parse_json(result.out);
  EXPECT_TRUE(json.is_object()) << result.out.substr(0, 200);
  return json;
}

Json names_of(const Json& images) {
  Json names = Json::array();
  for (const Json& image : images) names.push_back(image["image"]);
  return names;
}

TEST_F(ExplainMany, EveryImageOfAFolderGetsWhatItGetsAlone) {
  const Json json = run_json(explain({folder_}));
  EXPECT_EQ(names_of(json["images"]), (Json{"a.jpg", "a.png", "sub/portrait.JPG"}));
  for (const Json& image : json["images"]) {
    EXPECT_EQ(dump_json(without(image["tree"])), dump_json(alone(image["image"])))
        << image["image"];
    EXPECT_GT(image["tree"]["timings_ms"].value("decode", -1.0), 0);
    EXPECT_FALSE(image["tree"]["timings_ms"].contains("load"));
  }
  EXPECT_EQ(json["skipped"], Json::array());
  for (const char* key : {"load", "decode", "forward", "tree", "total"}) {
    EXPECT_GT(json["timings_ms"].value(key, -1.0), 0) << key;
  }
}

TEST_F(ExplainMany, OrderAndNeighboursChangeNothing) {
  const std::string names = "sub/portrait.JPG\r\n\na.png\na.jpg\na.png\nsub/portrait.JPG\na.jpg\n";
  const Json json = run_json(explain({"--list", list(names), "--root", folder_}));
  EXPECT_EQ(names_of(json["images"]),
            (Json{"sub/portrait.JPG", "a.png", "a.jpg", "a.png", "sub/portrait.JPG", "a.jpg"}));
  std::map<std::string, std::string> trees;
  for (const Json& image : json["images"]) {
    std::string tree = dump_json(without(image["tree"]));
    const auto [first, is_new] = trees.emplace(image["image"], tree);
    EXPECT_EQ(first->second, tree) << image["image"];
  }
  EXPECT_EQ(trees.size(), 3u);
  for (const auto& [name, tree] : trees) EXPECT_EQ(tree, dump_json(alone(name))) << name;
}

TEST_F(ExplainMany, AListStartsFromItsOwnFolderWithoutRoot) {
  write_text(file("list.txt"), "sub/portrait.JPG\n");
  const Json json = run_json(explain({"--list", file("list.txt")}));
  ASSERT_EQ(json["images"].size(), 1u);  // a list of one image is still a list
  EXPECT_EQ(without(json["images"][0]["tree"]), alone("sub/portrait.JPG"));
}

TEST_F(ExplainMany, PrintsALinePerImage) {
  const CommandResult result = run(explain({folder_, "--top", "3"}));
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(lines_of(result.out), 3u) << result.out;
  const Json tree = run_json(explain({file("sub/portrait.JPG"), "--top", "3"}));
  std::string channels;
  const Json root = walkable(tree);
  for (const Json& child : root["children"]) {
    channels += " " + child["layer"].get<std::string>() + ":" + dump_json(child["channel"]);
  }
  EXPECT_NE(result.out.find("\nsub/portrait.JPG  faces_easy  "), std::string::npos) << result.out;
  EXPECT_TRUE(result.out.ends_with(" % " + channels + "\n")) << result.out << channels;
}

TEST_F(ExplainMany, BrokenImagesAreSkippedAndCounted) {
  write_text(file("a.jpgx.jpg"), "no image");
  const auto jpeg = file_testing::read_bytes(photo("portrait.jpg"));
  file_testing::write_bytes(file("b\n.jpg"), {jpeg.begin(), jpeg.begin() + 9000});
  const Args args = explain({folder_, "--output-dir", out_ + "/new"});
  std::string err;
  const Json json = json_of_skipping(args, &err);
  EXPECT_EQ(names_of(json["images"]), (Json{"a.jpg", "a.png", "sub/portrait.JPG"}));
  EXPECT_EQ(names_of(json["skipped"]), (Json{"a.jpgx.jpg", "b\n.jpg"}));
  EXPECT_EQ(lines_of(err), 3u) << err;  // two images and the summary
  EXPECT_NE(err.find(file("a.jpgx.jpg")), std::string::npos) << err;
  EXPECT_NE(err.find(file("b\\n.jpg")), std::string::npos) << err;  // JSON's own escape
  EXPECT_NE(err.find("\"2 of 5 images were skipped, for the reasons above\""), std::string::npos)
      << err;
  EXPECT_NE(run(args).err.find(file("b .jpg")), std::string::npos);
  for (const Json& image : json["images"]) {
    const std::vector<std::string> keys{"timings_ms", "picture"};
    EXPECT_EQ(without(image["tree"], keys), alone(image["image"]));
  }
  EXPECT_FALSE(fs::exists(out_ + "/new/a.jpgx.jpg"));  // nothing of a skipped image
  EXPECT_EQ(run(args).out.find("a.jpgx"), std::string::npos);
}

TEST_F(ExplainMany, NoImageThatCanBeExplained) {
  for (const char* name : {"a.jpg", "a.png", "sub/portrait.JPG"}) write_text(file(name), "broken");
  std::string err;
  const Json json = json_of_skipping(explain({folder_, "--output-dir", out_ + "/new"}), &err);
  EXPECT_EQ(json["images"], Json::array());
  EXPECT_EQ(json["skipped"].size(), 3u);
  EXPECT_EQ(lines_of(err), 4u) << err;
  EXPECT_FALSE(fs::exists(out_ + "/new"));
}

TEST_F(ExplainMany, AScoreThatIsNotPositiveSkipsItsImage) {
  const Json scores = run_json({"classify", folder_, "--top", "100"});
  // A class that some images speak for and some against.
  std::map<std::string, std::vector<std::string>> against;
  for (const Json& image : scores["images"]) {
    for (const Json& score : image["top"]) {
      if (score["score"] <= 0) against[score["name"]].push_back(image["image"]);
    }
  }
  const auto mixed = std::ranges::find_if(
      against, [](const auto& each) { return each.second.size() == 1 || each.second.size() == 2; });
  ASSERT_NE(mixed, against.end());
  std::string err;
  const Json json = json_of_skipping(explain({folder_, "--class", mixed->first}), &err);
  EXPECT_EQ(names_of(json["skipped"]), Json(mixed->second));
  EXPECT_EQ(json["images"].size(), 3 - mixed->second.size());
  EXPECT_NE(err.find(file(mixed->second[0]) + ": the score of class"), std::string::npos) << err;
  for (const Json& image : json["images"]) EXPECT_EQ(image["tree"]["root"]["class"], mixed->first);
}

TEST_F(ExplainMany, EachImageHasItsOwnOutputFolder) {
  const Args args = explain({folder_, "--output-dir", out_ + "/new/deep"});
  const Json printed = run_json(args);
  size_t files = 0;
  for (const Json& image : printed["images"]) {
    const std::string own = out_ + "/new/deep/" + image["image"].get<std::string>();
    const Json tree = read_json(own + "/tree.json");
    EXPECT_EQ(without(tree), without(image["tree"]));
    const std::string one = out_ + "/one";
    run_json(explain({file(image["image"]), "--output-dir", one}));
    EXPECT_EQ(list_of(own), list_of(one));
    for (const std::string& name : list_of(own)) {
      if (!name.ends_with(".png")) continue;
      ++files;
      EXPECT_TRUE(file_testing::read_bytes(own + "/" + name) ==
                  file_testing::read_bytes(one + "/" + name))
          << own << " " << name;
    }
    fs::remove_all(one);
  }
  EXPECT_EQ(files, 3u * (1 + 2));  // the pyramid, a sheet for each of two levels
  const Args before = list_of(out_);
  EXPECT_EQ(without(run_json(args)), without(printed));  // over what is there
  EXPECT_EQ(list_of(out_), before);
}

TEST_F(ExplainMany, PicturesOfAnEarlierRunAreNoPhotographs) {
  const Args args = explain({".", "--output-dir", "results"});
  const Json first = run_json(args, in_folder(folder_));
  EXPECT_EQ(names_of(first["images"]), (Json{"a.jpg", "a.png", "sub/portrait.JPG"}));
  EXPECT_EQ(without(run_json(args, in_folder(folder_))), without(first));
}

TEST_F(ExplainMany, GuidedAndWithoutPictures) {
  run_json(explain({folder_, "--output-dir", out_ + "/plain", "--no-pictures"}));
  EXPECT_EQ(list_of(out_ + "/plain"),
            (Args{"a.jpg", "a.jpg/tree.json", "a.png", "a.png/tree.json", "index.html", "sub",
                  "sub/portrait.JPG", "sub/portrait.JPG/tree.json"}));
  run_json(explain({folder_, "--output-dir", out_ + "/guided", "--guided"}));
  EXPECT_EQ(list_of(out_ + "/guided/a.jpg/guided").size(), 6u);
}

TEST_F(ExplainMany, AbsolutePathsOfAListCountFromItsRoot) {
  const Args lines{file("sub/portrait.JPG"), photo("coffee.jpg"), "./a.jpg"};
  run_json(explain({"--list", list(lines[0] + "\n" + lines[1] + "\n" + lines[2] + "\n"), "--root",
                    folder_, "--output-dir", out_ + "/new", "--no-pictures"}));
  EXPECT_TRUE(fs::exists(out_ + "/new/sub/portrait.JPG/tree.json"));
  EXPECT_TRUE(fs::exists(out_ + "/new/a.jpg/tree.json"));
  const fs::path coffee = fs::path(lines[1]).lexically_normal().relative_path();
  EXPECT_TRUE(fs::exists(fs::path(out_ + "/new") / coffee / "tree.json"));
}

/// What ends the whole run: one line, exit code 2, nothing printed.
TEST_F(ExplainMany, WhatHoldsForEveryImageEndsTheRun) {
  const auto refused = [&](const Args& more, const std::string& part) {
    SCOPED_TRACE(testing::PrintToString(more));
    const CommandResult result = run(explain(more));
    EXPECT_EQ(result.code, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(lines_of(result.err), 1u) << result.err;
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
  };
  refused({folder_, "--class", "face_easy"}, "did you mean 'faces_easy'?");
  refused({folder_, "--depth", "9"}, "--depth 9: vgg16_bn has 5 stages");
  refused({folder_, "--depth", "0"}, "--depth");
  refused({folder_, "--top", "0"}, "--top 0");
  refused({folder_, "--show", "x"}, "--show");
  refused({folder_, "--root", folder_}, "--list");
  refused({folder_, "--list", list("a.jpg\n")}, "--list");
  refused({"--list", list("a.jpg\nnone.jpg\n"), "--root", folder_}, file("none.jpg"));
  refused({"--list", out_ + "/none.txt"}, "none.txt");
  refused({}, "image");
  fs::create_directory(out_ + "/empty");
  refused({out_ + "/empty"}, "no images in this folder");
  const std::string up = "../" + fs::path(folder_).filename().string() + "/a.jpg\n";
  refused({"--list", list(up), "--root", folder_, "--output-dir", out_}, "leads out of");
  const std::string twin = fs::path(out_).relative_path().string();
  fs::create_directories(file(twin));
  fs::copy_file(file("a.jpg"), file(twin) + "/b.jpg");
  fs::copy_file(file("a.jpg"), out_ + "/b.jpg");
  const std::string twins = twin + "/b.jpg\n" + out_ + "/b.jpg\n";
  refused({"--list", list(twins), "--root", folder_, "--output-dir", out_}, "would share");
}

TEST_F(ExplainMany, APlaceThatCannotBeWrittenStopsTheRunEarly) {
  std::string lines;
  for (int i = 0; i < 20; ++i) lines += "a.jpg\na.png\n";
  fs::create_directory(out_ + "/new");
  write_text(out_ + "/new/a.png", "in the way");
  const CommandResult result = run(explain(
      {"--list", list(lines), "--root", folder_, "--output-dir", out_ + "/new", "--no-pictures"}));
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(lines_of(result.out), 1u) << result.out;  // the first image's line
  EXPECT_EQ(lines_of(result.err), 1u) << result.err;
  EXPECT_NE(result.err.find("new/a.png"), std::string::npos) << result.err;
  EXPECT_EQ(list_of(out_ + "/new"), (Args{"a.jpg", "a.jpg/tree.json", "a.png"}));
}

TEST_F(ExplainMany, AFullDiskIsToldOf) {
  Surroundings full;
  full.largest_file = 4096;
  const CommandResult written = run(explain({folder_, "--output-dir", out_ + "/new"}), full);
  EXPECT_EQ(written.code, 2);
  EXPECT_EQ(list_of(out_), Args{});
  Surroundings no_output;
  no_output.stdout_to = "/dev/full";
  const CommandResult printed = run(explain({folder_}), no_output);
  EXPECT_EQ(printed.code, 2);
  EXPECT_EQ(printed.err, "hdecomp: the output cannot be written; is the disk full?\n");
}

}  // namespace
}  // namespace hdecomp
