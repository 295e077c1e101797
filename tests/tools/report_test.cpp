/// `hdecomp explain --html`: what is in report.html.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include "hdecomp/explainer.h"
#include "tests/tools/command_testing.h"
#include "tests/tools/page_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;

std::string report_in(const std::string& folder) {
  const auto bytes = file_testing::read_bytes(folder + "/report.html");
  return {bytes.begin(), bytes.end()};
}

std::vector<float> floats_of(const Json& encoded) {
  const std::vector<uint8_t> bytes = from_base64(encoded);
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

/// Holds the page's steps against the tree's.
void compare(const Json& node, const Json& page) {
  if (!node.contains("decomposition")) return;
  const Json& step = page["steps"].at(place_of(node));
  const Json& expected = node["decomposition"];
  EXPECT_EQ(floats_of(step["contributions"]), expected["contributions"].get<std::vector<float>>());
  EXPECT_EQ(floats_of(step["peaks"]), expected["peaks"].get<std::vector<float>>());
  EXPECT_EQ(step["chosen_of_positive"].get<float>(), expected["chosen_of_positive"].get<float>());
  ASSERT_EQ(step["children"].size(), node["children"].size());
  for (size_t i = 0; i < node["children"].size(); ++i) {
    const Json &child = node["children"][i], &shown = step["children"][i];
    for (const char* key : {"channel", "y", "x", "contribution", "share", "peak", "value"}) {
      EXPECT_EQ(shown[key].get<float>(), child[key].get<float>()) << key;
    }
    const Json& map = shown["map"];
    EXPECT_EQ(from_base64(map["data"]).size(),
              map["height"].get<size_t>() * map["width"].get<size_t>());
    // The peak is the map's largest value (Eq. 5).
    const int64_t y = child["y"].get<int64_t>() - map["y"].get<int64_t>();
    const int64_t x = child["x"].get<int64_t>() - map["x"].get<int64_t>();
    const std::vector<uint8_t> cells = from_base64(map["data"]);
    const auto at = [&](size_t cell) { return static_cast<int8_t>(cells[cell]); };
    for (size_t cell = 0; cell < cells.size(); ++cell) {
      EXPECT_LE(at(cell), at(y * map["width"].get<int64_t>() + x));
    }
    compare(child, page);
  }
}

TEST(Report, HoldsSaliencyMapsWhereTheyAreAskedFor) {
  const std::string folder = empty_folder(), path = folder + "/map.png";
  run_json({"explain", photo("portrait.jpg"), "--depth", "1", "--output-dir", folder, "--html",
            "--no-pictures", "--saliency", "gradient,gap-cam"});
  const Json maps = page_of(report_in(folder))["saliency"];
  ASSERT_EQ(maps.size(), 2u);
  EXPECT_EQ(maps[0]["method"], "gradient");
  run_json({"saliency", photo("portrait.jpg"), "--method", "gap-cam", "--size", "448", "-o", path});
  const auto bytes = file_testing::read_bytes(path);
  EXPECT_TRUE(picture_of(maps[1]) == std::string(bytes.begin(), bytes.end()));
  run_json({"explain", photo("portrait.jpg"), "--depth", "1", "--output-dir", folder, "--html",
            "--no-pictures"});
  EXPECT_FALSE(page_of(report_in(folder)).contains("saliency"));
}

TEST(Report, HoldsTheNumbersOfTheTree) {
  const std::string folder = empty_folder();
  const Json tree = run_json({"explain", photo("portrait.jpg"), "--depth", "3", "--output-dir",
                              folder, "--html", "--guided"});
  const std::string report = report_in(folder);
  EXPECT_TRUE(report.starts_with("<!DOCTYPE html>"));
  const Json page = page_of(report);
  EXPECT_EQ(page["format"], "hdecomp-page");
  EXPECT_EQ(page["image"]["name"], "portrait.jpg");
  EXPECT_EQ(page["root"]["class"], "faces_easy");
  EXPECT_EQ(page["top"].size(), 5u);
  EXPECT_EQ(page["layers"].size(), 3u);
  EXPECT_EQ(static_cast<int64_t>(page["steps"].size()), tree["decompositions"].get<int64_t>());
  compare(walkable(tree), page);
  // The frame is what guided backpropagation found to be the receptive field.
  const Json& first = page["steps"][place_of(tree["root"])]["children"][0];
  EXPECT_EQ(first["field"], walkable(tree)["children"][0]["receptive_field"]);
  EXPECT_EQ(first["guided"]["field"], first["field"]);
  EXPECT_EQ(from_base64(first["guided"]["data"]).size(),
            3 * first["field"][2].get<size_t>() * first["field"][3].get<size_t>());
}

TEST(Report, NeedsNothingFromOutside) {
  const std::string folder = empty_folder();
  run_json({"explain", photo("coffee.jpg"), "--depth", "1", "--output-dir", folder, "--html",
            "--no-pictures"});
  EXPECT_EQ(list_of(folder), (Args{"report.html", "tree.json"}));
  const std::string report = report_in(folder);
  EXPECT_NE(report.find("default-src 'none'"), std::string::npos);
  for (const char* loads : {" src=\"", " href=\"", "@import", "url(", "fetch('http", "https://"}) {
    EXPECT_EQ(report.find(loads), std::string::npos) << loads;
  }
  for (const char* mark : {"@HEAD@", "@TITLE@", "@FOOT@"}) {
    EXPECT_EQ(report.find(mark), std::string::npos) << mark;
  }
}

TEST(Report, NamesStayText) {
  const std::string folder = empty_folder();
  const std::string name = "<img src=x onerror=alert(1)><!--&\"'@HEAD@.jpg";
  std::filesystem::copy(photo("portrait.jpg"), folder + "/" + name);
  run_json({"explain", folder + "/" + name, "--depth", "1", "--output-dir", folder + "/out",
            "--html", "--no-pictures"});
  const std::string report = report_in(folder + "/out");
  EXPECT_EQ(page_of(report)["image"]["name"], name);
  EXPECT_EQ(report.find("<img"), std::string::npos);
  const size_t data = report.find("id=\"explanation\">") + 17;
  EXPECT_EQ(report.substr(data, report.find("</script>", data) - data).find('<'),
            std::string::npos);
  EXPECT_NE(report.find("<title>faces_easy in &lt;img"), std::string::npos);
}

TEST(Report, EveryImageOfAFolderHasItsOwn) {
  const std::string folder = empty_folder();
  for (const char* name : {"chelsea.jpg", "coffee.jpg"}) {
    std::filesystem::copy(photo(name), folder + "/" + name);
  }
  run_json({"explain", folder, "--depth", "1", "--output-dir", folder + "/out", "--html",
            "--no-pictures"});
  EXPECT_EQ(page_of(report_in(folder + "/out/chelsea.jpg"))["image"]["name"], "chelsea.jpg");
  EXPECT_EQ(page_of(report_in(folder + "/out/coffee.jpg"))["image"]["name"], "coffee.jpg");
}

}  // namespace
}  // namespace hdecomp
