/// Runs the hdecomp command as a shell would and keeps what it printed.
#pragma once

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/hostile_files.h"
#include "tests/support/places.h"

namespace nlohmann {
/// How GoogleTest prints JSON. Here and below what takes long to compile is only declared.
void PrintTo(const json& value, std::ostream* out);
}  // namespace nlohmann

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
  std::string stdin_from;               // a file; the test's own where empty
};

inline Surroundings in_folder(const std::string& folder) {
  Surroundings surroundings;
  surroundings.folder = folder;
  return surroundings;
}

/// Names the bundled "vgg16-slim" where no --model is given to a verb that takes one.
Args with_small_model(Args args);

/// Without --model the bundled "vgg16-slim" is asked, which answers sooner than the usual one.
CommandResult run(Args args, const Surroundings& surroundings = {});

/// The command's JSON; a failure of the test if it did not end well.
Json run_json(Args args, const Surroundings& surroundings = {});

/// The root of a tree's JSON as a tree to walk: each node below it with its `layer`, its step as
/// `decomposition`, where it has one, and its `children`; shared ones as often as they are met.
Json walkable(const Json& tree);
/// "conv5_3:70@3,3"
std::string place_of(const Json& node);

/// JSON's discarded value, which has no members, where it is none.
Json parse_json(std::string_view content);
Json read_json(const std::string& path);
std::string dump_json(const Json& json);

/// Without what may differ between runs of the same question.
Json without(Json json, const std::vector<std::string>& keys = {"timings_ms"});

inline size_t lines_of(const std::string& content) { return std::ranges::count(content, '\n'); }
/// How often a part is in a text.
size_t count_of(const std::string& text, const std::string& part);

/// The rows of a CSV file, the header among them.
std::vector<Args> cells_of(const std::string& csv);
/// A number as tables write it, with `digits` behind its point.
std::string in_digits(double value, int digits);

inline std::string photo(const std::string& name) { return photo_path(name); }

/// Every file and folder below, by its relative path, sorted.
std::vector<std::string> list_of(const std::string& folder);

void write_text(const std::string& path, const std::string& content);

}  // namespace hdecomp::command_testing
