/// Runs the hdecomp command as a shell would and keeps what it printed.
#pragma once

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/hostile_files.h"

namespace hdecomp::command_testing {

using file_testing::empty_folder;

using Args = std::vector<std::string>;
using Json = nlohmann::json;

struct CommandResult {
  int code = -1;  // the exit code; 128 + the signal if one ended it
  std::string out, err;
};

struct Surroundings {
  std::string folder;                   // where the command runs; here if empty
  rlim_t largest_file = RLIM_INFINITY;  // bytes: a disk that is full
  std::string stdout_to;                // a file or device; kept in `out` if empty
};

inline Surroundings in_folder(const std::string& folder) {
  Surroundings surroundings;
  surroundings.folder = folder;
  return surroundings;
}

using TemporaryStream = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
inline TemporaryStream temporary_stream() { return {std::tmpfile(), std::fclose}; }

inline std::string content_of(std::FILE* stream) {
  std::string content;
  std::rewind(stream);
  for (int c = std::fgetc(stream); c != EOF; c = std::fgetc(stream)) {
    content += static_cast<char>(c);
  }
  return content;
}

/// In the child: only calls that are safe after a fork.
[[noreturn]] inline void become_command(char* const* argv, const Surroundings& surroundings,
                                        int out, int err) {
  if (!surroundings.folder.empty() && chdir(surroundings.folder.c_str()) != 0) _exit(99);
  if (!surroundings.stdout_to.empty() &&
      std::freopen(surroundings.stdout_to.c_str(), "w", stdout) == nullptr) {
    _exit(99);
  }
  if (surroundings.stdout_to.empty()) dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  const rlimit limit{surroundings.largest_file, surroundings.largest_file};
  if (surroundings.largest_file != RLIM_INFINITY) setrlimit(RLIMIT_FSIZE, &limit);
  execv(HDECOMP_COMMAND, argv);
  _exit(99);
}

inline CommandResult run(Args args, const Surroundings& surroundings = {}) {
  const TemporaryStream out = temporary_stream(), err = temporary_stream();
  args.insert(args.begin(), "hdecomp");
  std::vector<char*> argv;
  for (std::string& arg : args) argv.push_back(arg.data());
  argv.push_back(nullptr);
  setenv("OMP_WAIT_POLICY", "passive", 1);  // tests may run side by side
  const pid_t child = fork();
  if (child == 0) become_command(argv.data(), surroundings, fileno(out.get()), fileno(err.get()));
  int status = 0;
  waitpid(child, &status, 0);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return {code, content_of(out.get()), content_of(err.get())};
}

/// The command's JSON; a failure of the test if it did not end well.
inline Json run_json(Args args, const Surroundings& surroundings = {}) {
  args.emplace_back("--json");
  const CommandResult result = run(args, surroundings);
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  const Json json = Json::parse(result.out, nullptr, false);
  EXPECT_TRUE(json.is_object()) << result.out.substr(0, 200);
  return json;
}

/// Without what may differ between runs of the same question.
inline Json without(Json json, const std::vector<std::string>& keys = {"timings_ms"}) {
  if (json.is_object()) {
    for (const std::string& key : keys) json.erase(key);
  }
  if (json.is_structured()) {
    for (Json& item : json) item = without(std::move(item), keys);
  }
  return json;
}

inline size_t lines_of(const std::string& content) { return std::ranges::count(content, '\n'); }

inline std::string photo(const std::string& name) {
  return std::string(HDECOMP_SOURCE_DIR) + "/tools/photos/" + name;
}

/// Every file and folder below, by its relative path, sorted.
inline std::vector<std::string> list_of(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    names.push_back(std::filesystem::relative(entry.path(), folder).string());
  }
  std::ranges::sort(names);
  return names;
}

inline void write_text(const std::string& path, const std::string& content) {
  file_testing::write_bytes(path, file_testing::Bytes(content.begin(), content.end()));
}

}  // namespace hdecomp::command_testing
