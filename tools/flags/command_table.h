/// The command's verbs and flags as plain data, read off the flags' own table: what the manual page
/// and the shells' completions are made of.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace hdecomp::tools {

struct FlagEntry {
  std::vector<std::string> names;    // "-o", "--output"; none of an argument by its place
  std::string argument;              // the name of an argument by its place
  std::string value;                 // what kind of value follows, as help says it; empty for none
  std::vector<std::string> choices;  // the words that a value may be, where only these are taken
  std::string standard;              // the value without the flag
  std::string help;
  bool required = false, several = false;
};

struct VerbEntry {
  std::string name, help, footer;
  std::vector<FlagEntry> flags;
};

/// The command itself, whose name is the program's, and its verbs.
struct CommandTable {
  std::string version;  // "hdecomp 0.1.0"
  VerbEntry command;
  std::vector<VerbEntry> verbs;
};

CommandTable command_table(const CLI::App& app);

/// The verb of that name; null where there is none.
const CLI::App* find_verb(const CLI::App& app, const std::string& name);

/// A page for man, in troff's language, and what hdecomp help reading prints in it.
std::string man_page(const CommandTable& table);

/// Scripts for bash and zsh that complete verbs, flags and the words of those that take only some.
std::string bash_completion(const CommandTable& table);
std::string zsh_completion(const CommandTable& table);

}  // namespace hdecomp::tools
