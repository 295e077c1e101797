/// Runs over many images that are killed, resumed or refused.
#include <gtest/gtest.h>

#include <csignal>
#include <functional>
#include <random>
#include <utility>

#include "tests/support/places.h"
#include "tests/support/slim_models.h"
#include "tests/tools/experiments_testing.h"
#include "weights/model/model_file.h"

namespace hdecomp {
namespace {

using namespace command_testing;
using file_testing::read_bytes;

TEST_F(Experiments, SkipsAndCountsWhatCannotBeRead) {
  std::filesystem::copy_file(photo("chelsea.jpg"), file("a.jpg"));
  write_text(file("b.jpg"), "no image");
  const auto pcc = [&](const std::string& output, const Args& more) {
    Args args{"pcc", files_, "-o", file(output), "--device", "cpu"};
    args.insert(args.end(), more.begin(), more.end());
    return run(args);
  };
  const CommandResult result = pcc("pcc.h5", {});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(lines_of(result.err), 1u);
  EXPECT_NE(result.err.find(file("b.jpg")), std::string::npos) << result.err;
  EXPECT_NE(result.out.find("1 images measured, 1 unreadable"), std::string::npos) << result.out;
  // It is tried again, and once it is there its row is as if it always had been.
  std::filesystem::copy_file(photo("portrait.jpg"), file("b.jpg"),
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(pcc("pcc.h5", {"--resume"}).code, 0);
  EXPECT_EQ(pcc("new.h5", {"--batch", "1"}).code, 0);
  EXPECT_EQ(read_bytes(file("pcc.h5")), read_bytes(file("new.h5")));
  EXPECT_EQ(read_bytes(file("pcc.md")), read_bytes(file("new.md")));
}

TEST_F(Experiments, RefuseAndLeaveNothing) {
  const auto bad = [&](const Args& more, const std::string& part) {
    refused(over("pcc", {"chelsea.jpg"}, more), part);
  };
  bad({}, "--output");
  bad({"-o", file("p.txt")}, ".h5");
  bad({"-o", file("none/p.h5")}, "none/p.h5");
  bad({"-o", file("p.h5"), "--class", "unicorn"}, "unicorn");
  bad({"-o", file("p.h5"), "--class", "label"}, "--labels");
  bad({"-o", file("p.h5"), "--fill", "one"}, "--fill");
  bad({"-o", file("p.h5"), "--all-decisions", "--top", "0"}, "--top 0");
  write_text(file("labels.txt"), "12\n36\n");
  bad({"-o", file("p.h5"), "--labels", file("labels.txt")}, "2 labels for 1 images");
  std::filesystem::create_directory(file("empty"));
  refused({"pcc", file("empty"), "-o", file("p.h5")}, "no images in this folder");
  refused(over("distribution", {"chelsea.jpg"}, {"-o", file("p.h5"), "--merge-overlaps", "2"}),
          "--merge-overlaps 2");
  disk_full(over("distribution", {"chelsea.jpg"}, {"-o", "p.h5"}), 8192, "p.h5");
  EXPECT_FALSE(std::filesystem::exists(file("p.h5")));
  ASSERT_EQ(run(over("pcc", {"chelsea.jpg"}, {"-o", file("p.h5")})).code, 0);
  const auto whole = read_bytes(file("p.h5"));
  bad({"-o", file("p.h5")}, "--resume");
  bad({"-o", file("p.h5"), "--resume", "--fill", "zero"}, "option fill");
  bad({"-o", file("p.h5"), "--resume", "--precision", "bf16"}, "option precision");
  refused(over("masking", {"chelsea.jpg"}, {"-o", file("p.h5"), "--resume"}), "experiment");
  refused(over("pcc", {"coffee.jpg"}, {"-o", file("p.h5"), "--resume"}),
          "image 1 is 'chelsea.jpg'");
  write_model(testing_models::slim_model("vgg16", 96), file("other.h5"));
  bad({"-o", file("p.h5"), "--resume", "--model", file("other.h5")}, "the model's SHA-256");
  EXPECT_EQ(read_bytes(file("p.h5")), whole);
  // Nor does one that was begun with what others do not say.
  for (const Args& unusual : {Args{"--precision", "bf16"}, Args{"--exif"}}) {
    Args begun{"-o", file("u.h5")};
    begun.insert(begun.end(), unusual.begin(), unusual.end());
    ASSERT_EQ(run(over("pcc", {"chelsea.jpg"}, begun)).code, 0);
    refused(over("pcc", {"chelsea.jpg"}, {"-o", file("u.h5"), "--resume"}),
            "the option " + unusual[0].substr(2));
    std::filesystem::remove(file("u.h5"));
  }
}

/// Changes with whatever is written to a file whose name begins so.
std::string state_of(const std::string& path) {
  const std::filesystem::path whole(path);
  std::string state;
  for (const auto& entry : std::filesystem::directory_iterator(whole.parent_path())) {
    if (!entry.path().filename().string().starts_with(whole.filename().string())) continue;
    std::error_code gone;
    state += joined(entry.path(), " ", entry.file_size(gone), " ",
                    entry.last_write_time(gone).time_since_epoch().count(), "\n");
  }
  return state;
}

/// Starts the command and kills it once its files have changed so often; whether it was still at
/// work. By no clock: how long a row takes, the disk decides.
bool killed_after(Args args, const std::string& path, int changes) {
  args.insert(args.begin(), "hdecomp");
  std::vector<char*> argv;
  for (std::string& arg : args) argv.push_back(arg.data());
  argv.push_back(nullptr);
  std::string state = state_of(path);
  const pid_t child = fork();
  if (child == 0) {
    setenv("OMP_WAIT_POLICY", "passive", 1);
    execv(command_path(), argv.data());
    _exit(99);
  }
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    const std::string now = state_of(path);
    if (now != std::exchange(state, now) && --changes == 0) kill(child, SIGKILL);
    usleep(500);
  }
  return WIFSIGNALED(status);
}

/// Killed again and again, a run over `names` that is resumed ends with the bytes of one that was
/// not.
void same_after_kills(const std::function<Args(const std::string& output, const Args& more)>& args,
                      const std::string& whole, const std::string& parts) {
  ASSERT_EQ(run(args(whole, {})).code, 0);
  const Args resumed = args(parts, {"--resume", "--batch", "1", "--threads", "1"});
  std::mt19937 random(3);
  int kills = 0;
  for (int i = 0; i < 10; ++i) {
    const auto changes = static_cast<int>(1 + random() % 6);
    kills += killed_after(resumed, parts, changes) ? 1 : 0;
  }
  EXPECT_GE(kills, 5);
  const CommandResult last = run(resumed);
  ASSERT_EQ(last.code, 0) << last.err;
  EXPECT_EQ(read_bytes(parts), read_bytes(whole));
}

TEST_F(Experiments, KilledTenTimesAndResumedTheResultsAreTheSameBytes) {
  for (const char* verb : {"pcc", "patches"}) {
    Args names;
    const int rounds = std::string(verb) == "pcc" ? 20 : 60;
    for (int i = 0; i < rounds; ++i) {
      for (const char* name : {"chelsea.jpg", "portrait.jpg", "coffee.jpg"}) names.push_back(name);
    }
    const auto args = [&](const std::string& output, const Args& more) {
      Args all{"-o", output};
      all.insert(all.end(), more.begin(), more.end());
      return over(verb, names, all);
    };
    const std::string whole = joined("whole_", verb, ".h5"), parts = joined("parts_", verb, ".h5");
    same_after_kills(args, file(whole), file(parts));
  }
  EXPECT_EQ(read_bytes(file("parts_pcc.csv")), read_bytes(file("whole_pcc.csv")));
}

}  // namespace
}  // namespace hdecomp
