/// Experiments split over MPI's ranks.
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include "hdecomp/image.h"
#include "tests/support/image_bytes.h"
#include "tests/support/places.h"
#include "tests/tools/command_errors_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;
using file_testing::read_bytes;

class MpiRuns : public CommandErrors {
 protected:
  void SetUp() override {
    if (std::string(mpirun()).empty()) GTEST_SKIP() << "this build has no MPI";
    // Tests run as root in containers of few cores; OpenMPI leaks what it allocates at its start.
    for (const char* name : {"OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM",
                             "OMPI_MCA_rmaps_base_oversubscribe"}) {
      setenv(name, "1", 1);
    }
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
    std::string lines;
    for (int i = 0; i < 20; ++i) lines += "chelsea.jpg\nportrait.jpg\ncoffee.jpg\n";
    write_text(file("list.txt"), lines);
  }
  void TearDown() override { unsetenv("ASAN_OPTIONS"); }

  Args pcc(const std::string& output, const std::string& verb = "pcc") const {
    return with_small_model({verb, "--list", file("list.txt"), "--root", photo(""), "-o",
                             file(output), "--resume", "--device", "cpu"});
  }

  /// Starts two ranks.
  pid_t start_two(const Args& args, const std::string& binding = "none") const {
    Args all{mpirun(), "--bind-to", binding, "-n", "2", command_path()};
    all.insert(all.end(), args.begin(), args.end());
    std::vector<char*> argv;
    for (std::string& arg : all) argv.push_back(arg.data());
    argv.push_back(nullptr);
    const pid_t child = fork();
    if (child != 0) return child;
    const bool quiet = std::freopen(file("out.txt").c_str(), "w", stdout) != nullptr &&
                       std::freopen(file("err.txt").c_str(), "w", stderr) != nullptr;
    if (quiet) execv(mpirun(), argv.data());
    _exit(99);
  }
  static int end_of(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
};

TEST_F(MpiRuns, TwoRanksGiveTheSameBytesAsOne) {
  ASSERT_EQ(run(pcc("one.h5")).code, 0);
  ASSERT_EQ(end_of(start_two(pcc("two.h5"))), 0) << content("err.txt");
  EXPECT_EQ(read_bytes(file("two.h5")), read_bytes(file("one.h5")));
  EXPECT_EQ(read_bytes(file("two.csv")), read_bytes(file("one.csv")));
  EXPECT_EQ(lines_of(content("out.txt")), 16u) << content("out.txt");  // one rank's table
}

/// Each rank reads the segmentations of its own images.
TEST_F(MpiRuns, RanksFindTheirSegmentations) {
  for (const std::string name : {"chelsea", "portrait", "coffee"}) {
    const Image picture = Image::load(photo(name + ".jpg"));
    Bytes rows;
    const auto bytes = static_cast<size_t>((picture.width + 7) / 8);
    for (int64_t y = 0; y < picture.height; ++y) {
      rows.push_back(0);
      rows.insert(rows.end(), bytes, y < picture.height / 2 ? 0xff : 0);  // a bit a pixel
    }
    std::filesystem::create_directories(file("regions"));
    const auto width = static_cast<uint32_t>(picture.width);
    file("regions/" + name + ".png",
         file_testing::png(width, static_cast<uint32_t>(picture.height), 1, 0, rows));
  }
  write_text(file("names.txt"), "below\nabove\n");
  const auto context = [&](const std::string& output) {
    return with_small_model({"context", "--list", file("list.txt"), "--root", photo(""),
                             "--regions", file("regions"), "--region-names", file("names.txt"),
                             "--first-label", "0", "-o", file(output), "--device", "cpu"});
  };
  const auto concepts = [&](const std::string& output) {
    Args args = context(output);
    args.front() = "concepts";
    return args;
  };
  ASSERT_EQ(run(concepts("names.h5")).code, 0);
  ASSERT_EQ(end_of(start_two(concepts("again.h5"))), 0) << content("err.txt");
  EXPECT_EQ(read_bytes(file("again.h5")), read_bytes(file("names.h5")));
  EXPECT_EQ(read_bytes(file("again.csv")), read_bytes(file("names.csv")));
  EXPECT_FALSE(std::filesystem::exists(file("again.h5.partial")));
  ASSERT_EQ(run(context("one.h5")).code, 0);
  ASSERT_EQ(end_of(start_two(context("two.h5"))), 0) << content("err.txt");
  EXPECT_EQ(read_bytes(file("two.h5")), read_bytes(file("one.h5")));
  EXPECT_EQ(read_bytes(file("two.labels.csv")), read_bytes(file("one.labels.csv")));
}

TEST_F(MpiRuns, TwoRanksFindTheSamePatchesAsOne) {
  ASSERT_EQ(run(pcc("one.h5", "patches")).code, 0);
  ASSERT_EQ(end_of(start_two(pcc("two.h5", "patches"))), 0) << content("err.txt");
  EXPECT_EQ(read_bytes(file("two.h5")), read_bytes(file("one.h5")));
  EXPECT_FALSE(std::filesystem::exists(file("two.h5.partial")));
}

TEST_F(MpiRuns, TwoRanksDrawTheSameClassGraphsAsOne) {
  const auto graph = [&](const std::string& name) {
    Args args = pcc(name + ".h5", "class-graph");
    args.insert(args.end(), {"--output-dir", file(name)});
    return args;
  };
  ASSERT_EQ(run(graph("one")).code, 0);
  ASSERT_EQ(end_of(start_two(graph("two"))), 0) << content("err.txt");
  for (const char* ending : {".h5", ".csv", ".edges.csv"}) {
    EXPECT_EQ(read_bytes(file(std::string("two") + ending)),
              read_bytes(file(std::string("one") + ending)))
        << ending;
  }
  ASSERT_EQ(list_of(file("two")), list_of(file("one")));  // the page has a number of its own
  for (const std::string& name : list_of(file("one"))) {
    if (!name.ends_with(".png")) continue;
    EXPECT_EQ(read_bytes(file("two/" + name)), read_bytes(file("one/" + name)));
  }
}

TEST_F(MpiRuns, TwoRanksChangeTheSameImagesAsOne) {
  const auto changed = [&](const std::string& output) {
    Args args = pcc(output, "what-ifs");
    args.insert(args.end(), {"--limit", "9", "--controls", "2"});
    return args;
  };
  ASSERT_EQ(run(changed("one.h5")).code, 0);
  ASSERT_EQ(end_of(start_two(changed("two.h5"))), 0) << content("err.txt");
  EXPECT_EQ(read_bytes(file("two.h5")), read_bytes(file("one.h5")));
  EXPECT_EQ(read_bytes(file("two.channels.csv")), read_bytes(file("one.channels.csv")));
}

TEST_F(MpiRuns, OneRankWritesAnAttacksPictures) {
  const Args args{
      "attack", photo("portrait.jpg"), "--device",     "cpu",      "--steps", "1", "--threads", "1",
      "-o",     file("a.h5"),          "--output-dir", file("out")};
  ASSERT_EQ(end_of(start_two(args)), 0) << content("err.txt");
  const std::string out = content("out.txt"), said = "wrote adversarial.png";
  const size_t at = out.find(said);
  ASSERT_NE(at, std::string::npos) << out;
  EXPECT_EQ(out.find(said, at + 1), std::string::npos) << out;
  EXPECT_TRUE(std::filesystem::exists(file("out/after/tree.json")));
}

TEST_F(MpiRuns, OneLineTellsOfARankBoundToFewerCoresThanItHasThreads) {
  Args args = pcc("bound.h5");
  args.insert(args.end(), {"--limit", "2", "--threads", "2"});
  ASSERT_EQ(end_of(start_two(args, "core")), 0) << content("err.txt");
  const std::string line = "hdecomp: each rank is bound to 1 of this machine's ";
  EXPECT_TRUE(content("err.txt").starts_with(line)) << content("err.txt");
  EXPECT_EQ(lines_of(content("err.txt")), 1u) << content("err.txt");
  *std::ranges::find(args, file("bound.h5")) = file("free.h5");
  ASSERT_EQ(end_of(start_two(args)), 0);
  EXPECT_EQ(content("err.txt"), "");
}

TEST_F(MpiRuns, ARankThatDiesEndsTheRunAndTheFileResumes) {
  ASSERT_EQ(run(pcc("one.h5")).code, 0);
  const pid_t mpirun = start_two(pcc("two.h5"));
  // The ranks are mpirun's children; the second is the last of them.
  pid_t last = 0;
  for (int tries = 0; tries < 200 && !std::filesystem::exists(file("two.h5")); ++tries) {
    usleep(20000);
  }
  std::ifstream children(joined("/proc/", mpirun, "/task/", mpirun, "/children"));
  for (pid_t child = 0; children >> child;) last = child;
  ASSERT_GT(last, 0);
  kill(last, SIGKILL);
  EXPECT_NE(end_of(mpirun), 0);
  EXPECT_NE(read_bytes(file("two.h5")), read_bytes(file("one.h5")));
  ASSERT_EQ(end_of(start_two(pcc("two.h5"))), 0) << content("err.txt");
  EXPECT_EQ(read_bytes(file("two.h5")), read_bytes(file("one.h5")));
}

TEST_F(MpiRuns, AMistakeEndsEveryRank) {
  Args args = pcc("two.h5");
  args.insert(args.end(), {"--class", "unicorn"});
  EXPECT_EQ(end_of(start_two(args)), 2);
  EXPECT_NE(content("err.txt").find("unicorn"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(file("two.h5")));
}

}  // namespace
}  // namespace hdecomp
