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

/// One attack, of the server and of the command: each is asked once, where a test needs it first,
/// for a process may run but one of the tests.
class ServeAttack : public ServerTest {
 protected:
  static void TearDownTestSuite() {
    told_ = nullptr;
    folder_.clear();
    ServerTest::TearDownTestSuite();
  }

  /// What the server says of an attack.
  Json& told() {
    if (told_.is_null()) {
      told_ = streamed("/api/attack?image=portrait.jpg&eps=8/255&steps=10&seed=3");
    }
    return told_;
  }
  /// The folder of the command's files of the same attack: a.h5, and the trees in out.
  static const std::string& commands() {
    if (folder_.empty()) {
      folder_ = empty_folder("serve_attack");
      run_json({"attack", photo("portrait.jpg"), "--device", "cpu", "--eps", "8/255", "--steps",
                "10", "--seed", "3", "-o", folder_ + "/a.h5", "--output-dir", folder_ + "/out"});
    }
    return folder_;
  }

 private:
  inline static Json told_;
  inline static std::string folder_;
};

TEST_F(ServeAttack, SaysWhatTheCommandSays) {
  Json& all = told();
  EXPECT_EQ(all["step"]["done"], 10);
  EXPECT_EQ(all["step"]["of"], 10);
  const Json& attacked = all["attacked"];
  const Json report = page_of(content_of_file(commands() + "/out/report.html"));
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
  const std::vector<Args> table = cells_of(content_of_file(commands() + "/a.channels.csv"));
  size_t row = 0;  // the header
  for (const Json& kind : told()["attacked"]["channels"]) {
    for (const Json& one : kind["channels"]) {
      ASSERT_LT(++row, table.size());
      const Args& cells = table[row];
      ASSERT_EQ(cells.size(), 9u);
      EXPECT_THAT(cells[3], HasSubstr(kind["of"].get<std::string>()));
      EXPECT_EQ(cells[5], dump_json(one["channel"]));
      EXPECT_EQ(cells[6], in_digits(one["before"], 4));
      EXPECT_EQ(cells[7], in_digits(one["after"], 4));
      EXPECT_EQ(cells[8], in_digits(one["moved"], 2));
    }
  }
  EXPECT_GE(row, 9u);
  EXPECT_EQ(row + 1, table.size());
}

/// Both trees are the command's; of the attacked photograph all else can be asked too.
TEST_F(ServeAttack, WhatWasAttackedIsKept) {
  const std::string id = told()["attacked"]["image"]["id"], folder = commands();
  const Json after = get_json("/api/tree.json?image=" + id);
  EXPECT_EQ(without(after), without(read_json(folder + "/out/after/tree.json")));
  const Json before = get_json("/api/tree.json?image=portrait.jpg");
  EXPECT_EQ(without(before), without(read_json(folder + "/out/before/tree.json")));
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
