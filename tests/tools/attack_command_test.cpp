/// The verb attack. tests/compare_diagnosis.py holds its steps and its numbers against PyTorch.
#include <gmock/gmock.h>

#include "hdecomp/explainer.h"
#include "hdecomp/saliency.h"
#include "tests/tools/experiments_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;
using file_testing::read_bytes;

class AttackCommand : public Experiments {
 protected:
  Json attack(const Args& photos, const Args& more) {
    return run_json(over("attack", photos, more));
  }
  static double number(const std::string& cell) { return std::stod(cell); }
};

TEST_F(AttackCommand, ChangesTheClassWithinEps) {
  const Json json =
      attack({"portrait.jpg", "coffee.jpg", "chelsea.jpg"}, {"--eps", "8/255", "-o", file("a.h5")});
  EXPECT_EQ(json["measured"], 3);
  EXPECT_EQ(row(json, "fooled, of those").at(3), "1.000");
  EXPECT_LE(number(row(json, "the pixel that went furthest").at(2)), 8.0 / 255 + 1e-5);
  const Args own = row(json, "probability of the attacked class");
  EXPECT_LT(number(own.at(2)), number(own.at(1)));
  const Args entropy = row(json, "cross entropy");
  EXPECT_GT(number(entropy.at(2)), number(entropy.at(1)));
  const Args fall = row(json, "peaks in channels of the attacked class, fall");
  EXPECT_LT(number(fall.at(2)), number(fall.at(1)));
}

TEST_F(AttackCommand, ReachesAnAim) {
  const Json json = attack({"coffee.jpg"}, {"--eps", "16/255", "--target", "faces_easy", "--steps",
                                            "40", "-o", file("a.h5")});
  EXPECT_EQ(json["options"]["aim"], "faces_easy");
  EXPECT_EQ(row(json, "fooled, of those").at(3), "1.000");
  const Args now = row(json, "probability of the new class");
  EXPECT_GT(number(now.at(2)), number(now.at(1)));
}

TEST_F(AttackCommand, IsTheSameInAnyBatchAndForASeed) {
  const auto bytes = [&](const Args& flags, const std::string& name) {
    Args all{"--steps", "3", "-o", file(name)};
    all.insert(all.end(), flags.begin(), flags.end());
    attack({"portrait.jpg", "coffee.jpg"}, all);
    return read_bytes(file(name));
  };
  const Bytes first = bytes({"--batch", "1"}, "a.h5");
  EXPECT_EQ(bytes({"--batch", "2"}, "b.h5"), first);
  EXPECT_NE(bytes({"--seed", "1"}, "c.h5"), first);
  EXPECT_NE(bytes({"--start", "none"}, "d.h5"), first);
}

TEST_F(AttackCommand, WritesTheAttackedImageAndBothTrees) {
  ASSERT_EQ(run({"attack", photo("portrait.jpg"), "--eps", "8/255", "--device", "cpu", "-o",
                 file("a.h5"), "--top", "1", "--output-dir", file("out")})
                .code,
            0);
  const std::vector<float> planes = load_npy(file("out/adversarial.npy"), 3 * 112 * 112);
  const Image picture = Image::load(file("out/adversarial.png"));  // its upper bytes
  ASSERT_EQ(picture.width, 112);
  for (size_t i = 0; i < planes.size(); ++i) {
    const size_t area = 112 * 112;
    const auto wanted = static_cast<int>(std::lround(65535 * double{planes[i]})) / 256;
    ASSERT_EQ(picture.rgb[i % area * 3 + i / area], wanted) << i;
  }
  const Json before = read_json(file("out/before/tree.json")),
             after = read_json(file("out/after/tree.json"));
  EXPECT_EQ(before["root"]["class"], "faces_easy");
  EXPECT_NE(after["root"]["class"], "faces_easy");
  EXPECT_EQ(after["root"]["channel"], after["top"][0]["index"]);
}

TEST_F(AttackCommand, Refuses) {
  const auto refusal = [&](const Args& flags) {
    Args all{"-o", file("a.h5")};
    all.insert(all.end(), flags.begin(), flags.end());
    const CommandResult result = run(over("attack", {"portrait.jpg"}, all));
    EXPECT_EQ(result.code, 2) << result.err;
    return result.err;
  };
  EXPECT_THAT(refusal({"--eps", "0"}), ::testing::HasSubstr("--eps 0"));
  EXPECT_THAT(refusal({"--eps", "4/0"}), ::testing::HasSubstr("--eps 4/0"));
  EXPECT_THAT(refusal({"--step", "much"}), ::testing::HasSubstr("--step much"));
  EXPECT_THAT(refusal({"--steps", "0"}), ::testing::HasSubstr("--steps 0"));
  EXPECT_THAT(refusal({"--restarts", "0"}), ::testing::HasSubstr("--restarts 0"));
  EXPECT_THAT(refusal({"--target", "nothing"}), ::testing::HasSubstr("no class 'nothing'"));
  EXPECT_THAT(refusal({"--output-dir", file("out")}), ::testing::HasSubstr("give one image"));
  EXPECT_FALSE(std::filesystem::exists(file("a.h5")));
}

/// Where the class is sure but for rounding, softmax - 1 is 0 in float32, and its signs with it.
TEST(Attack, MovesASureDecision) {
  Explainer explainer(Model::bundled("vgg16-slim"), {"cpu"});
  const Image image = Image::load(photo("portrait.jpg"));
  AttackOptions options;
  options.steps = 1;
  options.random_start = false;
  const Attacked one = explainer.attack_batch({&image, 1}, options).front();
  EXPECT_GT(one.loss, one.loss_before);
  size_t moved = 0;
  const Attacked none = explainer.attack_batch({&one.image, 1}, options).front();
  for (size_t i = 0; i < one.image.planes.size(); ++i) {
    moved += none.image.planes[i] != one.image.planes[i] ? 1 : 0;
  }
  EXPECT_GT(moved, one.image.planes.size() / 2);
}

}  // namespace
}  // namespace hdecomp
