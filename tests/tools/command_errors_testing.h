/// What the tests of the command's errors share: wherever the command runs, bad input leaves one
/// line and no file.
#pragma once

#include <fstream>
#include <random>

#include "tests/tools/command_testing.h"

namespace hdecomp::command_testing {

using file_testing::Bytes;

/// What must come of bad input: one line that has `part` in it.
inline void expect_refused(const CommandResult& result, const std::string& part) {
  EXPECT_EQ(result.code, 2) << result.err;
  EXPECT_EQ(result.out, "");
  EXPECT_TRUE(result.err.starts_with("hdecomp: ")) << result.err;
  EXPECT_EQ(result.err.find('\n'), result.err.size() - 1) << result.err;
  EXPECT_NE(result.err.find(part), std::string::npos) << result.err << " without " << part;
}

/// Each test has an empty folder; the command runs in another, which must stay empty.
class CommandErrors : public ::testing::Test {
 protected:
  CommandErrors() : files_(empty_folder("_files")), here_(empty_folder("_here")) {}
  ~CommandErrors() override {
    std::filesystem::remove_all(files_);
    std::filesystem::remove_all(here_);
  }

  std::string file(const std::string& name) const { return files_ + "/" + name; }
  std::string file(const std::string& name, const Bytes& bytes) const {
    file_testing::write_bytes(file(name), bytes);
    return file(name);
  }
  std::string content(const std::string& name) const {
    std::ifstream in(file(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void refused(const Args& args, const std::string& part) const {
    SCOPED_TRACE(::testing::PrintToString(args));
    expect_refused(run(args, in_folder(here_)), part);
    EXPECT_EQ(list_of(here_), Args{});
  }
  void explain_refused(const Args& more, const std::string& part) const {
    Args args{"explain", photo("portrait.jpg"), "--depth", "1"};
    args.insert(args.end(), more.begin(), more.end());
    refused(args, part);
  }
  void decompose_refused(const std::string& from, const std::string& to,
                         const std::string& part) const {
    refused({"decompose", photo("portrait.jpg"), "--from", from, "--to", to}, part);
  }
  /// The output must not appear.
  void convert_refused(const std::string& input, const std::string& part,
                       const Args& more = {}) const {
    Args args{"convert", input, "-o", "made.h5"};
    args.insert(args.end(), more.begin(), more.end());
    refused(args, part);
  }
  void disk_full(const Args& args, rlim_t bytes, const std::string& part) const {
    SCOPED_TRACE(::testing::PrintToString(args));
    Surroundings surroundings = in_folder(here_);
    surroundings.largest_file = bytes;
    expect_refused(run(args, surroundings), part);
    EXPECT_EQ(list_of(here_), Args{});
  }

  std::string files_, here_;
};

/// The bytes from `first` on in another order, always the same one.
inline Bytes shuffled(Bytes bytes, size_t first) {
  std::mt19937 random(11);
  for (size_t i = bytes.size() - 1; i > first; --i) {
    std::swap(bytes[i], bytes[first + random() % (i - first + 1)]);
  }
  return bytes;
}

}  // namespace hdecomp::command_testing
