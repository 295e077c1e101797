/// The verb what-ifs: its tables from its rows' photographs, resume, and mistakes.
#include <gmock/gmock.h>

#include "tests/tools/experiments_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;
using file_testing::read_bytes;
using ::testing::HasSubstr;

class WhatIfsCommand : public Experiments {
 protected:
  /// The face is classified rightly, the others wrongly.
  Args with(const Args& more, const std::string& output) const {
    write_text(file("labels.txt"), "faces_easy\nketch\nyin_yang\n");
    Args args = over("what-ifs", {"portrait.jpg", "chelsea.jpg", "rocket.jpg"},
                     {"--labels", file("labels.txt"), "-o", file(output), "--controls", "4"});
    args.insert(args.end(), more.begin(), more.end());
    return args;
  }
  static Json one(const std::string& name, const Args& more = {}) {
    Args args{"what-if", photo(name),  "--device", "cpu",     "--at",
              "top",     "--controls", "4",        "--depth", "1"};
    args.insert(args.end(), more.begin(), more.end());
    return run_json(with_small_model(args));
  }
};

TEST_F(WhatIfsCommand, MeansAreOverWhatWhatIfSaysOfEach) {
  const Json json = run_json(with({}, "w.h5"));
  ASSERT_EQ(json["measured"], 3);
  const Json &all = json["rows"][0], &chance = json["rows"][1], &wrong = json["rows"][2];
  EXPECT_EQ(all[0], "all");
  EXPECT_EQ(all[1], "3");
  EXPECT_EQ(all[2], "what top looks at, grey");
  EXPECT_EQ(chance[2], "4 boxes of chance");
  EXPECT_EQ(wrong[0], "wrong before");
  EXPECT_EQ(wrong[1], "2");
  EXPECT_EQ(json["rows"][4][0], "right before");
  double changes = 0, before = 0, after = 0, by_chance = 0;
  for (const char* name : {"portrait.jpg", "chelsea.jpg", "rocket.jpg"}) {
    const Json says = one(name);
    changes += says["before"]["top"][0]["index"] != says["after"]["top"][0]["index"] ? 1 : 0;
    before += says["before"]["decision"]["probability"].get<double>();
    after += says["after"]["decision"]["probability"].get<double>();
    by_chance += says["control"]["class_changes"].get<double>() / 4;
  }
  EXPECT_NEAR(std::stod(all[3].get<std::string>()), changes / 3, 5.1e-4);
  EXPECT_NEAR(std::stod(all[5].get<std::string>()), before / 3, 5.1e-4);
  EXPECT_NEAR(std::stod(all[6].get<std::string>()), after / 3, 5.1e-4);
  EXPECT_NEAR(std::stod(chance[3].get<std::string>()), by_chance / 3, 5.1e-4);
  EXPECT_EQ(content("w.channels.csv").substr(0, 22), "channel,images,wrong b");
}

TEST_F(WhatIfsCommand, FailuresAlone) {
  const Json json = run_json(with({"--failures"}, "f.h5"));
  EXPECT_EQ(json["options"]["images"], "failures");
  EXPECT_EQ(json["rows"][0][1], "2");
  EXPECT_EQ(json["rows"][1][0], "");
  EXPECT_EQ(row(json, "left as they are").at(1), "1");
  EXPECT_EQ(json["rows"].size(), 3u);  // all of them, which were wrong, and what is left
}

TEST_F(WhatIfsCommand, IsTheSameInAnyBatchAndAfterAResume) {
  for (const Args& what : {Args{}, Args{"--off", "top"}}) {
    const std::string off = what.empty() ? "" : "off";
    Args batch = what, part = what;
    batch.insert(batch.end(), {"--batch", "1"});
    run_json(with(batch, off + "a.h5"));
    run_json(with(what, off + "b.h5"));
    EXPECT_EQ(read_bytes(file(off + "a.h5")), read_bytes(file(off + "b.h5")));
    EXPECT_EQ(content(off + "a.channels.csv"), content(off + "b.channels.csv"));
    part.push_back("--resume");
    run_json(with(part, off + "a.h5"));
    EXPECT_EQ(read_bytes(file(off + "a.h5")), read_bytes(file(off + "b.h5")));
  }
  const CommandResult other = run(with({"--resume", "--fill", "blur"}, "a.h5"));
  EXPECT_EQ(other.code, 2);
  EXPECT_THAT(other.err, HasSubstr("the option fill is 'grey' in the file and 'blur' in this run"));
}

TEST_F(WhatIfsCommand, SaysWhatIsWrong) {
  const auto fault = [&](const Args& more) {
    Args args = over("what-ifs", {"portrait.jpg"}, {"-o", file("x.h5")});
    args.insert(args.end(), more.begin(), more.end());
    const CommandResult result = run(args);
    EXPECT_EQ(result.code, 2);
    EXPECT_EQ(lines_of(result.err), 1u) << result.err;
    EXPECT_FALSE(std::filesystem::exists(file("x.h5")));
    return result.err;
  };
  EXPECT_THAT(fault({"--failures"}), HasSubstr("--failures: give --labels"));
  EXPECT_THAT(fault({"--at", "conv5_3:128"}),
              HasSubstr("--at conv5_3:128: layer conv5_3 has no channel 128; its channels are 0 to "
                        "127"));
  EXPECT_THAT(fault({"--at", "conv5_3:1@2,3"}), HasSubstr("a place is one photograph's"));
  EXPECT_THAT(fault({"--at", "input:1"}), HasSubstr("give a layer below the class scores"));
  EXPECT_THAT(fault({"--at", "nothing"}), HasSubstr("--at 'nothing' is not LAYER:CHANNEL"));
  EXPECT_THAT(fault({"--off", "conv5_3:999"}), HasSubstr("has no channel 999"));
  EXPECT_THAT(fault({"--fill", "zero"}), HasSubstr("--fill zero: pixels are filled with grey"));
  EXPECT_THAT(fault({"--off", "top", "--fill", "grey"}), HasSubstr("--fill grey: "));
  EXPECT_THAT(fault({"--controls", "-1"}), HasSubstr("--controls -1: give a number from 0"));
  EXPECT_THAT(fault({"--mask-threshold", "1"}), HasSubstr("--mask-threshold 1"));
}

}  // namespace
}  // namespace hdecomp
