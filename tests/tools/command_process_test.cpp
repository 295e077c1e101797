/// The command as a process: what it leaves when it is killed or refused, closed descriptors, few
/// threads.
#include <fcntl.h>
#include <sys/file.h>

#include <cstdlib>
#include <filesystem>

#include "tests/support/places.h"
#include "tests/tools/command_errors_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;
using file_testing::read_bytes;

class CommandProcess : public CommandErrors {
 protected:
  /// Runs lines of a shell, in which $H is the command, $P the photographs' folder and $D this
  /// test's; its output goes to out.txt and err.txt there.
  int shell(const std::string& lines) const {
    write_text(file("run.sh"), joined("H=", command_path(), "\nP=", photo(""), "\nD=", files_, "\n",
                                      "export OMP_WAIT_POLICY=passive\n", lines, "\n"));
    const int status = std::system(
        joined("sh ", file("run.sh"), " > ", file("out.txt"), " 2> ", file("err.txt")).c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  bool exists(const std::string& name) const { return std::filesystem::exists(file(name)); }
  /// Of a folder in this test's.
  Args list(const std::string& folder) const { return list_of(file(folder)); }
};

TEST_F(CommandProcess, FilesOfADeadRunWithItsNumberAreNotTaken) {
  ASSERT_EQ(shell(R"(sh -c 'for S in .hdecomp-$$ .hdecomp-$$-0/files; do
      mkdir -p '$D'/out/$S/maps; echo old > '$D'/out/$S/maps/99_old.png; done
    touch '$D'/out/.hdecomp-$$-0/lock '$D'/out/number; echo $$ > '$D'/number
    exec '$H' explain '$P'chelsea.jpg --device cpu --depth 1 --pictures all \
      --output-dir '$D'/out')"),
            0)
      << content("err.txt");
  EXPECT_FALSE(exists("out/maps/99_old.png"));
  EXPECT_TRUE(exists("out/tree.json"));
  std::string number = content("number");
  number.pop_back();
  EXPECT_FALSE(exists("out/.hdecomp-" + number + "-0"));  // with a lock that nobody holds
}

TEST_F(CommandProcess, AStagingFolderThatALivingRunHoldsStays) {
  std::filesystem::create_directories(file("out/.hdecomp-1-0/files"));
  const int lock = open(file("out/.hdecomp-1-0/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  ASSERT_GE(lock, 0);
  ASSERT_EQ(flock(lock, LOCK_EX), 0);
  const std::string explain =
      "$H explain $P/chelsea.jpg --device cpu --depth 1 --no-pictures --output-dir $D/out";
  EXPECT_EQ(shell(explain), 0) << content("err.txt");
  EXPECT_EQ(list("out"),
            (Args{".hdecomp-1-0", ".hdecomp-1-0/files", ".hdecomp-1-0/lock", "tree.json"}));
  close(lock);
  EXPECT_EQ(shell(explain), 0) << content("err.txt");
  EXPECT_EQ(list("out"), Args{"tree.json"});
}

TEST_F(CommandProcess, ASignalTakesTheStagingFolderAway) {
  for (const auto& [signal, code] : {std::pair{"TERM", 143}, {"INT", 130}}) {
    // A shell's children in the background ignore SIGINT, hence env.
    EXPECT_EQ(
        shell(joined(
            R"(env --default-signal=INT $H explain $P/chelsea.jpg --device cpu --top 6 --pictures all \
        --output-dir $D/a/b & C=$!
      until ls -d $D/a/b/.hdecomp-*/files/maps; do kill -0 $C || exit 99; sleep 0.01; done
      kill -)",
            signal, " $C; wait $C; exit $?")),
        code)
        << content("err.txt");
    EXPECT_FALSE(exists("a")) << signal;
  }
}

TEST_F(CommandProcess, AFolderWhereAFileIsToBeLeavesTheOutputAsItWas) {
  std::filesystem::create_directories(file("out/tree.json/inside"));
  expect_refused(
      run({"explain", photo("chelsea.jpg"), "--depth", "1", "--output-dir", file("out")}),
      "out/tree.json: is a folder, where a file is to be; move it away");
  EXPECT_EQ(list("out"), (Args{"tree.json", "tree.json/inside"}));
  write_text(file("levels"), "");
  expect_refused(run({"explain", photo("chelsea.jpg"), "--depth", "1", "--output-dir", files_}),
                 "/levels: is there and no folder; move it away");
  EXPECT_FALSE(exists("tree.json"));
}

TEST_F(CommandProcess, ClosedDescriptorsAreNoFilesOfOurs) {
  std::filesystem::create_directory(file("in"));
  std::filesystem::copy_file(photo("chelsea.jpg"), file("in/good.jpg"));
  write_text(file("in/bad.jpg"), "no image");
  const std::string pcc = "$H pcc $D/in --device cpu -o $D/";
  EXPECT_EQ(shell(pcc + "open.h5 > /dev/null"), 0) << content("err.txt");
  EXPECT_NE(content("err.txt").find("bad.jpg"), std::string::npos);
  EXPECT_EQ(shell(pcc + "closed.h5 > /dev/null 2>&-"), 0);
  EXPECT_EQ(read_bytes(file("closed.h5")), read_bytes(file("open.h5")));
  EXPECT_EQ(shell(pcc + "none.h5 <&- 2>&- >&-"), 2);  // the table cannot be written
  EXPECT_EQ(read_bytes(file("none.h5")), read_bytes(file("open.h5")));
}

TEST_F(CommandProcess, OneThreadDrawsToo) {
  // The most threads seen at work, with pictures and without: reading the model takes all cores. A
  // look may come too late to see them, so one run in five with no more threads will do.
  const std::string comparison = R"(most() {
      $H explain $P/chelsea.jpg --device cpu --threads 1 --depth 3 --top 4 --output-dir $D/out$1 $1 &
      M=0
      while N=$(sed -n 's/^Threads:[^0-9]*//p' /proc/$!/status) && [ "$N" != "" ]; do
        [ $N -gt $M ] && M=$N; kill -0 $! && [ ! -e $D/out$1/tree.json ] || break; done
      wait $!; rm -r $D/out$1
    }
    most --no-pictures; W=$M; most
    echo $W $M; [ $W -gt 0 ] && [ $M -le $W ])";
  int code = 1;
  for (int i = 0; i < 5 && code != 0; ++i) code = shell(comparison);
  EXPECT_EQ(code, 0) << content("out.txt") << content("err.txt");
}

}  // namespace
}  // namespace hdecomp
