/// Files that appear whole or not at all, whatever ends the process that writes them.
#include "weights/file/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "tests/support/hostile_files.h"

namespace hdecomp {
namespace {

using namespace file_testing;

const Bytes content{'n', 'e', 'w'};

size_t files_in(const std::string& folder) {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST(AtomicFile, ReplacesAFileOrKeepsIt) {
  const std::string path = empty_folder() + "/file";
  write_file_atomically(path, content);
  EXPECT_EQ(read_bytes(path), content);
  const Bytes other{'o'};
  const auto write_other = [&](const ByteSink& sink) { sink(other); };
  EXPECT_THROW(write_file_atomically(path, write_other, Existing::keep), FileExists);
  EXPECT_EQ(read_bytes(path), content);
  write_file_atomically(path, write_other);
  EXPECT_EQ(read_bytes(path), other);
  EXPECT_EQ(files_in(std::filesystem::path(path).parent_path()), 1u);
}

TEST(AtomicFile, KeepsOneThatAnotherMakesMeanwhile) {
  const std::string folder = empty_folder(), path = folder + "/file";
  const auto write = [&](const ByteSink& sink) {
    sink(Bytes{'o'});
    write_bytes(path, content);
  };
  EXPECT_THROW(write_file_atomically(path, write, Existing::keep), FileExists);
  EXPECT_EQ(read_bytes(path), content);
  EXPECT_EQ(files_in(folder), 1u);
}

TEST(AtomicFile, AKilledProcessLeavesNothing) {
  const std::string folder = empty_folder();
  const pid_t child = fork();
  if (child == 0) {
    write_file_atomically(folder + "/file", [](const ByteSink& sink) {
      sink(content);
      kill(getpid(), SIGKILL);
    });
    _exit(99);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(files_in(folder), 0u);
}

}  // namespace
}  // namespace hdecomp
