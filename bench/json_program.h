/// A program for time_torch.py: flags in, one JSON object out.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>

#include "kernels/core/tensor.h"

namespace hdecomp {

/// Parses, runs `body` and prints what it returns. The exit code is 0; 2 for a user's mistake and 1
/// for a fault, each with one line on stderr.
int json_program(CLI::App& app, int argc, char** argv, const std::function<nlohmann::json()>& body);

/// The most memory that this program has held. Its own: getrusage's figure starts with that of the
/// process that called it.
int64_t peak_memory_kib();

/// Throws UserError that names the file.
void write_floats(const Tensor& tensor, const std::string& path);

}  // namespace hdecomp
