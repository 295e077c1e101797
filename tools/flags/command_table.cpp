/// Reads CLI11's verbs and options.
#include "tools/flags/command_table.h"

#include <algorithm>

namespace hdecomp::tools {
namespace {

/// "TEXT:{fast,naive}" to fast and naive: CLI11 tells of a membership in the value's type alone.
std::vector<std::string> choices_of(const std::string& type) {
  const size_t open = type.find('{'), close = type.find('}', open);
  if (open == type.npos || close == type.npos) return {};
  std::vector<std::string> words;
  for (size_t at = open + 1; at <= close;) {
    const size_t end = std::min(type.find(',', at), close);
    words.push_back(type.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

FlagEntry entry_of(const CLI::Option& option) {
  FlagEntry entry;
  for (const std::string& name : option.get_snames()) entry.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) entry.names.push_back("--" + name);
  entry.argument = option.get_positional() ? option.get_single_name() : "";
  if (option.get_expected_max() > 0) entry.value = option.get_type_name();
  entry.choices = choices_of(entry.value);
  entry.standard = option.get_default_str();
  entry.help = option.get_description();
  entry.required = option.get_required();
  entry.several = option.get_expected_max() > 1;
  return entry;
}

VerbEntry verb_of(const CLI::App& app) {
  VerbEntry verb{app.get_name(), app.get_description(), app.get_footer(), {}};
  for (const CLI::Option* option : app.get_options()) verb.flags.push_back(entry_of(*option));
  return verb;
}

}  // namespace

CommandTable command_table(const CLI::App& app) {
  CommandTable table{app.version(), verb_of(app), {}};
  for (const CLI::App* verb : app.get_subcommands({})) table.verbs.push_back(verb_of(*verb));
  return table;
}

const CLI::App* find_verb(const CLI::App& app, const std::string& name) {
  const std::vector<const CLI::App*> verbs = app.get_subcommands({});
  const auto found =
      std::ranges::find(verbs, name, [](const CLI::App* verb) { return verb->get_name(); });
  return found == verbs.end() ? nullptr : *found;
}

}  // namespace hdecomp::tools
