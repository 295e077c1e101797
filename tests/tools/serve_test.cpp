/// `hdecomp serve` used well: its answers are the command's own numbers.
#include <gtest/gtest.h>

#include "tests/support/image_bytes.h"
#include "tests/tools/page_testing.h"
#include "tests/tools/serve_testing.h"

namespace hdecomp {
namespace {

using namespace serve_testing;

class Serve : public ServerTest {};

TEST_F(Serve, ThePageAndItsHeaders) {
  for (const char* path : {"/", "/viewer.js", "/viewer.css", "/photos/chelsea.jpg"}) {
    const auto page = client_.Get(path);
    ASSERT_TRUE(page);
    EXPECT_EQ(page->status, 200) << path;
    EXPECT_EQ(page->get_header_value("X-Content-Type-Options"), "nosniff");
    EXPECT_NE(page->get_header_value("Content-Security-Policy").find("default-src 'none'"),
              std::string::npos);
    EXPECT_EQ(page->get_header_value("Cache-Control"), "no-cache");
    const auto again =
        client_.Get(path, httplib::Headers{{"If-None-Match", page->get_header_value("ETag")}});
    ASSERT_TRUE(again);
    EXPECT_EQ(again->status, 304) << path;
    EXPECT_EQ(again->body, "");
  }
  const auto info = client_.Get("/api/info");
  ASSERT_TRUE(info);
  EXPECT_EQ(info->get_header_value("Cache-Control"), "no-store");
  EXPECT_EQ(parse_json(info->body)["classes"].size(), 100u);
}

TEST_F(Serve, AnExplanationComesLevelByLevel) {
  const auto result = client_.Get("/api/explain?image=portrait.jpg&depth=3&guided=1");
  ASSERT_TRUE(result);
  ASSERT_EQ(result->status, 200);
  const std::vector<Json> parts = parts_of(result->body);
  ASSERT_EQ(parts.size(), 6u);
  EXPECT_EQ(parts[0]["event"], "page");
  EXPECT_FALSE(parts[0]["page"].contains("steps"));
  size_t steps = 0;
  for (int level = 1; level <= 3; ++level) {
    EXPECT_EQ(parts[level]["event"], "level");
    EXPECT_EQ(parts[level]["level"], level);
    EXPECT_EQ(parts[level]["of"], 3);
    steps += parts[level]["steps"].size();
  }
  const Json tree = run_json({"explain", photo("portrait.jpg"), "--depth", "3"});
  EXPECT_EQ(static_cast<int64_t>(steps), tree["decompositions"].get<int64_t>());
  EXPECT_EQ(parts[0]["page"]["top"][0]["score"].get<float>(), tree["top"][0]["score"].get<float>());
  EXPECT_GT(parts[4]["crops"].size(), 10u);
  EXPECT_EQ(parts[5]["event"], "done");
}

TEST_F(Serve, AChannelWithoutEvidenceIsRefusedWithOneThatHasSome) {
  const std::string from = "/api/decompose?image=portrait.jpg&from=scores:36@0,0&channel=";
  int refused = 0;
  for (int channel = 0; channel < 128; ++channel) {
    const auto answer = client_.Get(joined(from, channel));
    ASSERT_TRUE(answer);
    if (answer->status == 200) continue;
    ++refused;
    const std::string error = parse_json(answer->body)["error"];
    const std::string begin =
        joined("channel ", channel, " of layer conv5_3 has no A above 0 for scores:36@0,0, ",
               "so it has no peak to decompose (Eq. 5); give one that has, as ");
    ASSERT_TRUE(error.starts_with(begin)) << error;
    const Json other = get_json(from + error.substr(begin.size()));
    EXPECT_GT(other["child"]["peak"].get<float>(), 0);
  }
  EXPECT_GT(refused, 0);
}

TEST_F(Serve, AChannelByHandHasTheNumbersOfDecompose) {
  const Json all = run_json({"decompose", photo("portrait.jpg"), "--from", "class:faces_easy",
                             "--to", "conv5_3", "--top", "20"})["step"]["children"];
  const Json& wanted = all[11];
  const Json made = get_json(
      joined("/api/decompose?image=portrait.jpg&from=scores:36@0,0&channel=", wanted["channel"]));
  for (const char* key : {"channel", "y", "x", "contribution", "share", "peak", "value"}) {
    EXPECT_EQ(made["child"][key].get<float>(), wanted[key].get<float>()) << key;
  }
  const std::string key = joined("conv5_3:", wanted["channel"], "@", wanted["y"], ",", wanted["x"]);
  const Json own =
      run_json({"decompose", photo("portrait.jpg"), "--from", key, "--to", "conv4_3"})["step"];
  ASSERT_EQ(made["steps"].size(), 1u);
  const Json& step = made["steps"].at(key);
  ASSERT_EQ(step["children"].size(), own["children"].size());
  for (size_t i = 0; i < own["children"].size(); ++i) {
    EXPECT_EQ(step["children"][i]["channel"], own["children"][i]["channel"]);
    EXPECT_EQ(step["children"][i]["contribution"].get<float>(),
              own["children"][i]["contribution"].get<float>());
  }
  EXPECT_EQ(get_json("/api/decompose?image=portrait.jpg&from=" + key)["steps"], made["steps"]);
}

TEST_F(Serve, SavedFilesAreTheCommandsOwn) {
  const std::string folder = empty_folder();
  run_json({"explain", photo("coffee.jpg"), "--depth", "2", "--top", "2", "--output-dir", folder});
  const std::string query = "?image=coffee.jpg&depth=2&top=2";
  EXPECT_EQ(without(get_json("/api/tree.json" + query)),
            without(read_json(folder + "/tree.json"), {"timings_ms", "picture"}));
  const auto picture = client_.Get("/api/pyramid.png" + query);
  ASSERT_TRUE(picture);
  EXPECT_TRUE(picture->body == content_of_file(folder + "/pyramid.png"));
  EXPECT_EQ(picture->get_header_value("Content-Disposition"),
            "attachment; filename=\"pyramid.png\"");
  run_json({"explain", photo("coffee.jpg"), "--depth", "2", "--top", "2", "--output-dir", folder,
            "--svg", "--pdf", "--colours", "ember"});
  EXPECT_TRUE(client_.Get("/api/pyramid.png" + query + "&colours=ember")->body ==
              content_of_file(folder + "/pyramid.png"));
  for (const std::string name : {"pyramid.svg", "pyramid.pdf"}) {
    const auto drawing = client_.Get(joined("/api/", name, query, "&colours=ember"));
    EXPECT_TRUE(drawing->body + "\n" == content_of_file(joined(folder, "/", name))) << name;
    EXPECT_EQ(drawing->get_header_value("Content-Disposition"),
              joined("attachment; filename=\"", name, "\""));
  }
  const auto report = client_.Get("/api/report.html" + query);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->body.starts_with("<!DOCTYPE html>"));
  EXPECT_EQ(report->body.find("\"added\":true"), std::string::npos);
}

TEST_F(Serve, AReportHoldsWhatWasAddedByHand) {
  const Json ranked = run_json({"decompose", photo("portrait.jpg"), "--from", "class:36", "--to",
                                "conv5_3", "--top", "9"})["step"]["children"];
  const auto report =
      client_.Get(joined("/api/report.html?image=portrait.jpg&depth=1&added=", "scores:36@0,0%7C",
                         ranked[7]["channel"]));
  ASSERT_TRUE(report);
  ASSERT_EQ(report->status, 200) << report->body;
  const Json page = page_of(report->body);
  const Json& children = page["steps"]["scores:36@0,0"]["children"];
  ASSERT_EQ(children.size(), 4u);
  EXPECT_EQ(children[3]["channel"], ranked[7]["channel"]);
  EXPECT_EQ(children[3]["added"], true);
}

TEST_F(Serve, ASaliencyMapIsTheCommandsPicture) {
  const std::string path = empty_folder() + "/map.png";
  for (const std::string method : {"smoothgrad", "integrated-gradients", "gap", "grad-cam"}) {
    const auto result =
        client_.Get("/api/saliency?image=portrait.jpg&class=index:3&saliency=" + method);
    ASSERT_TRUE(result);
    ASSERT_EQ(result->status, 200) << result->body;
    const std::vector<Json> parts = parts_of(result->body);
    const bool slow = method == "smoothgrad" || method == "integrated-gradients";
    ASSERT_EQ(parts.size() > 2, slow) << method;
    for (size_t i = 0; i + 1 < parts.size(); ++i) {
      EXPECT_EQ(parts[i]["event"], "samples");
      EXPECT_EQ(parts[i]["of"], 50);
    }
    if (slow) {
      EXPECT_EQ(parts[parts.size() - 2]["done"], 50);
    }
    ASSERT_EQ(parts.back()["event"], "map");
    const Json expected = run_json({"saliency", photo("portrait.jpg"), "--class", "3", "--method",
                                    method, "--size", "448", "-o", path});
    EXPECT_TRUE(picture_of(parts.back()["map"]) == content_of_file(path)) << method;
    EXPECT_EQ(without(parts.back()["map"], {"ms", "picture"}),
              without(expected["maps"][0], {"ms"}));
  }
}

TEST_F(Serve, AReportHoldsTheMapsThatWereAskedFor) {
  const std::string path = empty_folder() + "/map.png";
  const auto report =
      client_.Get("/api/report.html?image=coffee.jpg&depth=1&saliency=guided&saliency=grad-cam");
  ASSERT_TRUE(report);
  const Json maps = page_of(report->body)["saliency"];
  ASSERT_EQ(maps.size(), 2u);
  EXPECT_EQ(maps[1]["method"], "grad-cam");
  run_json({"saliency", photo("coffee.jpg"), "--method", "guided", "--size", "448", "-o", path});
  EXPECT_TRUE(picture_of(maps[0]) == content_of_file(path));
  const auto without_maps = client_.Get("/api/report.html?image=coffee.jpg&depth=1");
  EXPECT_FALSE(page_of(without_maps->body).contains("saliency"));
}

TEST_F(Serve, AnUploadIsExplained) {
  const auto sent = client_.Post("/api/images?name=%3Cb%3E.jpg",
                                 content_of_file(photo("chelsea.jpg")), "image/jpeg");
  ASSERT_TRUE(sent);
  ASSERT_EQ(sent->status, 200) << sent->body;
  const Json image = parse_json(sent->body);
  EXPECT_EQ(image["name"], "<b>.jpg");
  EXPECT_EQ(image["id"].get<std::string>().size(), 32u);
  const Json uploaded = get_json("/api/tree.json?depth=2&image=" + image["id"].get<std::string>());
  EXPECT_EQ(without(uploaded), without(get_json("/api/tree.json?depth=2&image=chelsea.jpg")));
}

TEST_F(Serve, ATurnedPhotographIsToldOfOrTurned) {
  const file_testing::Bytes bytes = file_testing::jpeg_with_exif(
      file_testing::read_bytes(photo("chelsea.jpg")), file_testing::orientation_tag(6));
  const std::string path = file_testing::temporary_path("phone.jpg");
  file_testing::write_bytes(path, bytes);
  const auto send = [&](const std::string& query, int status) {
    const auto sent =
        client_.Post("/api/images" + query, std::string(bytes.begin(), bytes.end()), "image/jpeg");
    EXPECT_EQ(sent->status, status) << sent->body;
    return parse_json(sent->body);
  };
  const Json stored = send("", 200), upright = send("?exif=1", 200);
  EXPECT_TRUE(stored["turned"].get<bool>());
  EXPECT_FALSE(upright["turned"].get<bool>());
  EXPECT_EQ(upright["width"], stored["height"]);
  const auto tree = [&](const Json& image) {
    return without(get_json("/api/tree.json?depth=2&image=" + image["id"].get<std::string>()));
  };
  const CommandResult told = run(with_small_model({"explain", path, "--depth", "2", "--json"}));
  EXPECT_EQ(tree(stored), without(parse_json(told.out)));
  EXPECT_EQ(tree(upright), without(run_json({"explain", path, "--depth", "2", "--exif"})));
  EXPECT_NE(tree(stored), tree(upright));
  EXPECT_EQ(send("?exif=2", 400)["error"], "exif: give a whole number from 0 to 1");
}

TEST_F(Serve, MistakesAreToldOf) {
  const auto error = [&](const std::string& path, int status) {
    return get_json(path, status)["error"].get<std::string>();
  };
  EXPECT_NE(error("/api/explain?image=chelsea.jpg&class=cougr_face", 400).find("did you mean"),
            std::string::npos);
  EXPECT_NE(error("/api/pyramid.png?image=chelsea.jpg&colours=red", 400).find("give one of jet"),
            std::string::npos);
  EXPECT_NE(error("/api/explain?image=chelsea.jpg&top=0", 400).find("top:"), std::string::npos);
  EXPECT_NE(error("/api/explain?image=chelsea.jpg&depth=6", 400).find("depth:"), std::string::npos);
  EXPECT_NE(error("/api/explain?image=chelsea.jpg&top=20", 400).find("nodes"), std::string::npos);
  EXPECT_NE(error("/api/tree.json?image=chelsea.jpg&device=cuda:77", 400).find("device"),
            std::string::npos);
  for (const char* from : {"", "x", "conv1_2:0@0,0", "nothing:1@2,3", "conv5_3:999@0,0",
                           "conv5_3:0@99,0", "scores:-1@0,0", "scores:"}) {
    error(joined("/api/decompose?image=chelsea.jpg&from=", from), 400);
  }
  error("/api/decompose?image=chelsea.jpg&from=scores:12@0,0&channel=100000", 400);
  error("/api/explain?image=" + std::string(5000, 'a'), 400);
  error("/api/explain", 404);
  EXPECT_NE(error("/api/saliency?image=chelsea.jpg&saliency=gradiant", 400).find("give one of"),
            std::string::npos);
  const auto none = client_.Get("/api/saliency?image=chelsea.jpg");
  ASSERT_TRUE(none);
  EXPECT_EQ(parts_of(none->body).back()["error"], "saliency: give one method");
}

}  // namespace
}  // namespace hdecomp
