/// `hdecomp serve` asked to attack: its numbers are the command's, its picture is explained.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/page_testing.h"
#include "tests/tools/serve_testing.h"

namespace hdecomp {
namespace {

using namespace serve_testing;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ServeAttack : public ServerTest {
 protected:
  const std::string path_ = "/api/attack?image=portrait.jpg&eps=8/255&steps=10&seed=3";
  const std::string folder_ = empty_folder("serve_attack");

  /// What the command's report of the same attack says; its trees are in `folder_`/out.
  Json commands() const {
    run_json({"attack", photo("portrait.jpg"), "--device", "cpu", "--eps", "8/255", "--steps", "10",
              "--seed", "3", "-o", folder_ + "/a.h5", "--output-dir", folder_ + "/out"});
    return page_of(content_of_file(folder_ + "/out/report.html"));
  }
};

TEST_F(ServeAttack, SaysWhatTheCommandSays) {
  const Json told = streamed(path_);
  EXPECT_EQ(told["step"]["done"], 10);
  EXPECT_EQ(told["step"]["of"], 10);
  const Json& attacked = told["attacked"];
  const Json report = commands();
  for (const char* key : {"classes", "pictures", "layer", "channels"}) {
    EXPECT_EQ(attacked[key], report["attack"][key]) << key;
  }
  EXPECT_EQ(attacked["lines"], report["lines"]);
  EXPECT_THAT(attacked["lines"][0].get<std::string>(),
              HasSubstr("at most 8/255 of its range, 10 steps of 2/255"));
  EXPECT_THAT(attacked["lines"][1].get<std::string>(),
              StartsWith("the class changes from faces_easy to "));
  EXPECT_TRUE(attacked["fooled"]);
  EXPECT_EQ(attacked["classes"][0]["index"], attacked["own"]);
}

TEST_F(ServeAttack, TellsTheChannelsOfTheResultsFile) {
  const Json attacked = streamed(path_)["attacked"];
  commands();
  std::istringstream lines(content_of_file(folder_ + "/a.channels.csv"));
  std::string line;
  std::getline(lines, line);  // the header
  size_t count = 0;
  for (const Json& kind : attacked["channels"]) {
    for (const Json& one : kind["channels"]) {
      ASSERT_TRUE(std::getline(lines, line));
      char peaks[64];
      std::snprintf(peaks, sizeof peaks, ",%d,%.4f,%.4f,%.2f", one["channel"].get<int>(),
                    one["before"].get<double>(), one["after"].get<double>(),
                    one["moved"].get<double>());
      EXPECT_THAT(line, HasSubstr(kind["of"].get<std::string>()));
      EXPECT_THAT(line, ::testing::EndsWith(peaks));
      ++count;
    }
  }
  EXPECT_GE(count, 9u);
  EXPECT_FALSE(std::getline(lines, line));
}

/// Both trees are the command's; of the attacked photograph all else can be asked too.
TEST_F(ServeAttack, WhatWasAttackedIsKept) {
  const std::string id = streamed(path_)["attacked"]["image"]["id"];
  commands();
  const Json after = get_json("/api/tree.json?image=" + id);
  EXPECT_EQ(without(after), without(read_json(folder_ + "/out/after/tree.json")));
  const Json before = get_json("/api/tree.json?image=portrait.jpg");
  EXPECT_EQ(without(before), without(read_json(folder_ + "/out/before/tree.json")));
  const Json filled = get_json("/api/what-if?controls=0&box=0,0,112,112&image=" + id);
  EXPECT_EQ(filled["what_if"]["before"]["decision"]["index"], after["top"][0]["index"]);
  EXPECT_EQ(filled["what_if"]["width"], 112);
  EXPECT_TRUE(streamed("/api/saliency?saliency=gradient&class=0&image=" + id).contains("map"));
}

TEST_F(ServeAttack, HasAnAimThatIsNotTheClassAlready) {
  const std::string towards = "/api/attack?image=portrait.jpg&eps=16/255&steps=40&target=";
  const Json reached = streamed(towards + "bonsai")["attacked"];
  EXPECT_TRUE(reached["fooled"]);
  EXPECT_THAT(reached["lines"][1].get<std::string>(), HasSubstr(" to bonsai;"));
  EXPECT_THAT(reached["lines"][2].get<std::string>(), HasSubstr("cross entropy of the aim"));
  const Json missed =
      streamed("/api/attack?image=portrait.jpg&eps=0.0001&steps=1&target=bonsai")["attacked"];
  EXPECT_FALSE(missed["fooled"]);
  EXPECT_THAT(missed["lines"][1].get<std::string>(), HasSubstr("is not reached"));
  const Json already = streamed(towards + "faces_easy");
  EXPECT_EQ(already["error"]["status"], 400);
  EXPECT_THAT(already["error"]["error"].get<std::string>(),
              HasSubstr("the network says faces_easy already"));
}

TEST_F(ServeAttack, WhatCannotBeIsRefused) {
  const std::string path = "/api/attack?image=portrait.jpg";
  for (const char* eps :
       {"0", "-1", "65/255", "0.26", "1e400", "nan", "x", "4/0", "4/", "/255", "4/255/1", "inf"}) {
    EXPECT_THAT(error(joined(path, "&eps=", eps)), StartsWith("eps ")) << eps;
  }
  for (const char* steps : {"0", "201", "-3", "1.5", "x", "99999999999999999999"}) {
    EXPECT_EQ(error(joined(path, "&steps=", steps)), "steps: give a whole number from 1 to 200");
  }
  EXPECT_THAT(error(path + "&seed=-1"), StartsWith("seed: "));
  EXPECT_THAT(error(path + "&target=nothing"), HasSubstr("nothing"));
  EXPECT_THAT(error(path + "&target=" + std::string(400, 'x')), StartsWith("target: is too long"));
  EXPECT_EQ(client_.Get("/api/attack?image=nowhere.jpg")->status, 404);
  EXPECT_EQ(client_.Get("/api/attack")->status, 404);
  EXPECT_TRUE(server->is_running());
}

}  // namespace
}  // namespace hdecomp
