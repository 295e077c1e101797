/// Where tests write files: a folder of the process's own, so that two test runs at once, of two
/// builds even, never meet.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "hdecomp/error.h"

namespace hdecomp::file_testing {

/// Made by the process that needs it first and removed at its end. The child of a death test is the
/// program started again: it takes its parent's folder, which it is told by the environment.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    if (const char* parents = std::getenv(variable)) {
      path_ = parents;
      return;
    }
    path_ = ::testing::TempDir() + "hdecomp_XXXXXX";
    if (mkdtemp(path_.data()) == nullptr) throw Error("cannot make the folder " + path_);
    setenv(variable, path_.c_str(), 1);
    owner_ = getpid();
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (owner_ == getpid()) std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  static constexpr const char* variable = "HDECOMP_TEST_FOLDER";
  std::string path_;
  pid_t owner_ = 0;
};

/// A path of this test's own, which ends with `suffix`.
inline std::string temporary_path(const std::string& suffix) {
  static const TemporaryFolder folder;
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  std::string name = joined(test->test_suite_name(), "_", test->name(), suffix);
  std::ranges::replace(name, '/', '_');  // of parametrised tests
  return folder.path() + "/" + name;
}

/// An empty folder of this test's own.
inline std::string empty_folder(const std::string& suffix = "_folder") {
  const std::string folder = temporary_path(suffix);
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  return folder;
}

}  // namespace hdecomp::file_testing
