/// The verb attack. tests/compare_diagnosis.py holds its steps and its numbers against PyTorch.
#include <gmock/gmock.h>

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
  /// The likeliest class of coffee.jpg but one.
  static std::string second_class() {
    const Json top = run_json({"classify", photo("coffee.jpg"), "--device", "cpu"});
    return top["images"][0]["top"][1]["name"];
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
  Args written;
  for (const std::string& name : list_of(file("out"))) {
    if (name.find('/') == std::string::npos && name.front() != '.') written.push_back(name);
  }
  EXPECT_EQ(written,
            (Args{"adversarial.npy", "adversarial.png", "after", "before", "report.html"}));
}

TEST_F(AttackCommand, OfALabelIsWrittenAndOfAnotherClassIsNot) {
  write_text(file("labels.txt"), "faces_easy\n");
  const CommandResult own = run({"attack", photo("portrait.jpg"), "--device", "cpu", "--steps", "2",
                                 "--labels", file("labels.txt"), "--class", "label", "-o",
                                 file("l.h5"), "--output-dir", file("own")});
  EXPECT_EQ(own.code, 0) << own.err;
  EXPECT_TRUE(std::filesystem::exists(file("own/adversarial.png")));
  const CommandResult other =
      run({"attack", photo("coffee.jpg"), "--device", "cpu", "--steps", "2", "--class",
           second_class(), "-o", file("o.h5"), "--output-dir", file("other")});
  EXPECT_EQ(other.code, 0) << other.err;
  EXPECT_THAT(other.err, ::testing::HasSubstr("was not attacked"));
  EXPECT_EQ(lines_of(other.err), 1u) << other.err;
  EXPECT_FALSE(std::filesystem::exists(file("other")));
}

TEST_F(AttackCommand, LeavesOutWhatIsTheAimAlready) {
  const Json json = attack({"portrait.jpg", "coffee.jpg"},
                           {"--target", "faces_easy", "--steps", "2", "-o", file("a.h5")});
  EXPECT_EQ(json["measured"], 2);
  EXPECT_EQ(row(json, "attacked, of all measured").at(2), "1");
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
  EXPECT_THAT(refusal({"--class", "bonsai", "--target", "bonsai"}),
              ::testing::HasSubstr("--target bonsai"));
  EXPECT_THAT(refusal({"--output-dir", file("out")}), ::testing::HasSubstr("give one image"));
  EXPECT_FALSE(std::filesystem::exists(file("a.h5")));
}

}  // namespace
}  // namespace hdecomp
