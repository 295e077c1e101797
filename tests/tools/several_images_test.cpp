/// Several images on the command line, one of standard input, and the index of what was written.
#include <gtest/gtest.h>

#include <cstdio>
#include <regex>
#include <set>

#include "tests/tools/command_errors_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;
namespace fs = std::filesystem;
using file_testing::read_bytes;

class SeveralImages : public CommandErrors {
 protected:
  SeveralImages() {
    fs::create_directories(file("in/sub"));
    fs::copy_file(photo("portrait.jpg"), file("in/a.jpg"));
    fs::copy_file(photo("chelsea.jpg"), file("in/sub/b.jpg"));
  }
  std::string a() const { return file("in/a.jpg"); }
  std::string b() const { return file("in/sub/b.jpg"); }
  std::string index(const std::string& folder) const { return content(folder + "/index.html"); }
};

TEST_F(SeveralImages, EachIsWhatItIsAlone) {
  const Json both = run_json({"classify", a(), b()});
  ASSERT_EQ(both["images"].size(), 2u);
  EXPECT_EQ(both["images"][0], run_json({"classify", a()})["images"][0]);
  EXPECT_EQ(both["images"][1], run_json({"classify", b()})["images"][0]);
  const Json trees = run_json({"explain", a(), "--depth", "1", b()});  // flags may stand between
  ASSERT_EQ(trees["images"].size(), 2u);
  EXPECT_EQ(trees["images"][1]["image"], b());
  EXPECT_EQ(without(trees["images"][1]["tree"]),
            without(run_json({"explain", b(), "--depth", "1"})));
}

TEST_F(SeveralImages, TheirFoldersBeginWhereTheyPart) {
  const Surroundings inside = in_folder(file("in/sub"));
  run_json(
      {"explain", "../a.jpg", b(), "--depth", "1", "--no-pictures", "--output-dir", file("out")},
      inside);
  EXPECT_EQ(list_of(file("out")), (Args{"a.jpg", "a.jpg/tree.json", "index.html", "sub",
                                        "sub/b.jpg", "sub/b.jpg/tree.json"}));
}

TEST_F(SeveralImages, WhatIsNoImageIsRefusedAtOnce) {
  refused({"classify", a(), file("none.jpg")}, "none.jpg: there is no such image");
  refused({"classify", a(), file("in")}, "in: is a folder; give one folder, or images");
  refused({"explain", a(), "-"}, "give it alone");
  refused({"explain", a(), "--labels", "folder"}, "--labels: give several images");
  refused({"explain", a(), b(), "--saliency", "gap", "--html", "--output-dir", "x"},
          "give one image");
  fs::copy_file(a(), file("in/index.html"));
  refused({"explain", a(), file("in/index.html"), "--output-dir", file("out")}, "rename it");
}

TEST_F(SeveralImages, TheIndexShowsEachAndLeadsToIt) {
  run_json({"explain", a(), b(), "--depth", "1", "--output-dir", file("out")});
  const std::string page = index("out");
  EXPECT_EQ(count_of(page, "<li data-probability="), 2u);
  EXPECT_EQ(count_of(page, "src=\"data:image/jpeg;base64,/9j/"), 2u);
  EXPECT_NE(page.find("<a href=\"a.jpg/pyramid.png\">"), page.npos);
  EXPECT_NE(page.find("<a href=\"sub/b.jpg/pyramid.png\">"), page.npos);
  EXPECT_NE(page.find("<b>faces_easy</b> 85.9 %"), page.npos);
  EXPECT_EQ(page.find("@"), page.find("@media"));  // no mark is left
  EXPECT_EQ(count_of(page, "class=\"label\""), 0u);
  EXPECT_EQ(count_of(page, "<h2>Skipped"), 0u);
  run_json({"explain", a(), b(), "--depth", "1", "--html", "--no-pictures", "--output-dir",
            file("out")});
  EXPECT_NE(index("out").find("<a href=\"a.jpg/report.html\">"), page.npos);
  run_json(
      {"explain", a(), "--depth", "1", "--output-dir", file("out")});  // one image's results now
  EXPECT_FALSE(fs::exists(file("out/index.html")));
}

TEST_F(SeveralImages, AFeatureOfEachIsToldWithItsValue) {
  const std::string from = "conv5_3:70@3,3";  // of both photographs above 0
  const Args args{"explain", a(), photo("rocket.jpg"), "--from", from, "--depth", "1"};
  Args written = args;
  written.insert(written.end(), {"--output-dir", file("out")});
  const CommandResult told = run(written);
  EXPECT_EQ(told.code, 0) << told.err;
  const Json json = run_json(args);
  ASSERT_EQ(json["images"].size(), 2u);
  std::string lines;
  for (const Json& image : json["images"]) {
    const Json alone = run_json({"explain", image["image"], "--from", from, "--depth", "1"});
    EXPECT_EQ(without(image["tree"]), without(alone));
    EXPECT_EQ(place_of(alone["root"]), from);
    char value[32];
    std::snprintf(value, sizeof value, "F %.4g", alone["root"]["value"].get<double>());
    lines += image["image"].get<std::string>() + "  " + from + "  " + value + " ";
    const Json root = walkable(alone);
    for (const Json& child : root["children"]) {
      lines += " " + child["layer"].get<std::string>() + ":" + dump_json(child["channel"]);
    }
    lines += "\n";
    EXPECT_NE(index("out").find("<p>explained: <b>" + from + "</b> " + value + "</p>"),
              std::string::npos);
  }
  EXPECT_EQ(told.out, lines + "wrote " + file("out") + "/index.html, 2 folders beside it\n");
  EXPECT_EQ(count_of(index("out"), "<li data-probability="), 2u);  // of the predicted class
}

TEST_F(SeveralImages, ByCoverageAndWithPeaksABatchIsWhatItsImagesAreAlone) {
  for (const Args& more : {Args{"--cover", "0.5", "--top", "6", "--depth", "3"},
                           Args{"--cover", "0.5", "--top", "4", "--peaks", "2", "--depth", "3"}}) {
    Args both{"explain", a(), b(), "--batch", "2"};
    both.insert(both.end(), more.begin(), more.end());
    const Json trees = run_json(both);
    ASSERT_EQ(trees["images"].size(), 2u);
    bool any_extra = false;
    for (const Json& image : trees["images"]) {
      Args one{"explain", image["image"]};
      one.insert(one.end(), more.begin(), more.end());
      const Json alone = without(run_json(one));
      EXPECT_EQ(without(image["tree"]), alone) << image["image"];
      std::set<size_t> counts;  // of decisions' channels: coverage chooses, not --top alone
      for (const auto& [place, step] : alone["steps"].items()) {
        size_t channels = 0;
        for (const Json& child : step["children"]) {
          channels += child.contains("extra_peak") ? 0 : 1;
          any_extra |= child.contains("extra_peak");
        }
        counts.insert(channels);
      }
      EXPECT_GT(counts.size(), 1u) << image["image"];
    }
    EXPECT_EQ(any_extra, more.size() > 6);
  }
}

TEST_F(SeveralImages, TheIndexMarksWrongPredictions) {
  write_text(file("in/list.txt"), "a.jpg faces_easy\nsub/b.jpg cup\n");
  const Args args{"explain", "--list",       file("in/list.txt"), "--depth",
                  "1",       "--output-dir", file("out")};
  const CommandResult told = run(args);
  EXPECT_EQ(told.code, 0) << told.err;
  EXPECT_TRUE(
      std::regex_search(told.out, std::regex("^a.jpg  faces_easy  [0-9.]+ %  right  conv5_3:")))
      << told.out;
  EXPECT_TRUE(
      std::regex_search(told.out, std::regex("\nsub/b.jpg  [a-z_]+  [0-9.]+ %  wrong  conv5_3:")))
      << told.out;
  const std::string page = index("out");
  EXPECT_EQ(count_of(page, "class=\"wrong\""), 1u);
  EXPECT_NE(page.find(">right: labelled <b>faces_easy</b>"), page.npos);
  EXPECT_NE(page.find(">wrong: labelled <b>cup</b>"), page.npos);
  write_text(file("labels.txt"), "faces_easy\ncup\n");
  const Json json = run_json({"explain", a(), b(), "--labels", file("labels.txt"), "--depth", "1"});
  EXPECT_EQ(json["images"][0]["label"], 36);
  EXPECT_EQ(run_json({"explain", a(), b(), "--depth", "1"})["images"][0].contains("label"), false);
}

TEST_F(SeveralImages, NothingInANameIsHtml) {
  const std::string name = "<img src=x>&\"' #?%20:é.jpg", broken = "</ul><script>x.jpg";
  fs::create_directories(file("odd"));
  fs::copy_file(a(), file("odd/" + name));
  write_text(file("odd") + "/broken<b>.jpg", "no image");
  EXPECT_EQ(run({"explain", file("odd"), "--depth", "1", "--output-dir", file("out")}).code, 2);
  const std::string page = index("out");
  EXPECT_EQ(page.find("<img src=x"), page.npos);
  EXPECT_NE(page.find("&lt;img src=x&gt;&amp;&quot;' #?%20:é.jpg"), page.npos);
  EXPECT_NE(
      page.find("href=\"%3Cimg%20src%3Dx%3E%26%22%27%20%23%3F%2520%3A%C3%A9.jpg/pyramid.png\""),
      page.npos);
  EXPECT_NE(page.find("<h2>Skipped"), page.npos);
  EXPECT_NE(page.find("<li>broken&lt;b&gt;.jpg: "), page.npos);
}

TEST_F(SeveralImages, StandardInputIsAnImage) {
  const auto from = [&](const std::string& path, Args args) {
    Surroundings surroundings;
    surroundings.stdin_from = path;
    return run(with_small_model(std::move(args)), surroundings);
  };
  const auto json_from = [&](const std::string& path, Args args) {
    args.emplace_back("--json");
    const CommandResult result = from(path, args);
    EXPECT_EQ(result.code, 0) << result.err;
    return parse_json(result.out);
  };
  const Json classes = json_from(a(), {"classify", "-"})["images"][0];
  EXPECT_EQ(classes["image"], "standard input");
  EXPECT_EQ(classes["top"], run_json({"classify", a()})["images"][0]["top"]);
  EXPECT_EQ(without(json_from(a(), {"explain", "-", "--depth", "1"})),
            without(run_json({"explain", a(), "--depth", "1"})));
  const Args step{"--from", "class:faces_easy", "--to", "conv5_3"};
  for (const char* verb : {"decompose", "ablate"}) {
    Args piped{verb, "-"}, read{verb, a()};
    piped.insert(piped.end(), step.begin(), step.end());
    read.insert(read.end(), step.begin(), step.end());
    EXPECT_EQ(without(json_from(a(), piped)), without(run_json(read))) << verb;
  }
  expect_refused(from("/dev/null", {"explain", "-"}), "standard input: ");
  expect_refused(from(file("in"), {"explain", "-"}), "standard input: cannot be read");
  EXPECT_TRUE(
      from(a(), {"explain", "-", "--depth", "1"}).out.starts_with("standard input: faces_easy"));
}

TEST_F(SeveralImages, WithJsonErrorsAreJson) {
  const auto lines = [&](const Args& args) {
    const CommandResult result = run(args, in_folder(here_));
    EXPECT_EQ(result.code, 2) << result.err;
    std::vector<Json> all;
    for (size_t at = 0; at < result.err.size(); at = result.err.find('\n', at) + 1) {
      all.push_back(parse_json(result.err.substr(at, result.err.find('\n', at) - at)));
    }
    return all;
  };
  const auto error = [&](const Args& args, const std::string& part) {
    const std::vector<Json> all = lines(args);
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].size(), 2u) << all[0];
    EXPECT_EQ(all[0]["exit_code"], 2) << all[0];
    EXPECT_NE(all[0]["error"].get<std::string>().find(part), std::string::npos) << all[0];
  };
  error({"explain", file("none\n\"x\".jpg"), "--json"}, "none\n\"x\".jpg");
  error({"explain", a(), "--json", "--top", "many"}, "--top");
  error({"explian", a(), "--json"}, "unknown verb 'explian'");
  write_text(file("in/broken.jpg"), "no image");
  const std::vector<Json> skipping = lines({"classify", file("in"), "--json"});
  ASSERT_EQ(skipping.size(), 2u);
  EXPECT_NE(skipping[0]["warning"].get<std::string>().find("broken.jpg"), std::string::npos);
  EXPECT_EQ(skipping[1]["error"], "1 of 3 images were skipped, for the reasons above");
}

}  // namespace
}  // namespace hdecomp
