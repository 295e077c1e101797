/// What is said of verbs and flags that there are not.
#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>

namespace hdecomp::tools {

/// Throws UserError where the command line's first word is neither a verb nor a flag: CLI11 alone
/// would say that a verb is required, but not which word it did not take for one.
void check_verb(const CLI::App& app, std::span<char* const> words);

/// What CLI11 says, but of a flag that the verb does not have which one is like it.
std::string fault_words(const CLI::App& app, const CLI::ParseError& fault,
                        std::span<char* const> words);

}  // namespace hdecomp::tools
