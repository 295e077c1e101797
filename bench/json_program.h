/// A program for time_torch.py: flags in, one JSON object out.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <nlohmann/json.hpp>

namespace hdecomp {

/// Parses, runs `body` and prints what it returns. The exit code is 0; 2 for a user's mistake and 1
/// for a fault, each with one line on stderr.
int json_program(CLI::App& app, int argc, char** argv, const std::function<nlohmann::json()>& body);

}  // namespace hdecomp
