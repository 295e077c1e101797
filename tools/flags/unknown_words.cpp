/// Unknown verbs and flags, with the nearest that there are.
#include "tools/flags/unknown_words.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "hdecomp/nearest.h"
#include "tools/flags/command_table.h"

namespace hdecomp::tools {
namespace {

std::vector<std::string> verbs_of(const CLI::App& app) {
  std::vector<std::string> verbs;
  for (const CLI::App* verb : app.get_subcommands({})) verbs.push_back(verb->get_name());
  return verbs;
}

/// "top" of --top; none of a verb that there is not.
std::vector<std::string> flags_of(const CLI::App* verb) {
  std::vector<std::string> flags;
  if (verb == nullptr) return flags;
  for (const CLI::Option* option : verb->get_options()) {
    flags.insert(flags.end(), option->get_lnames().begin(), option->get_lnames().end());
  }
  return flags;
}

}  // namespace

void check_verb(const CLI::App& app, std::span<char* const> words) {
  if (words.size() < 2 || words[1][0] == '-') return;
  if (find_verb(app, words[1]) != nullptr) return;
  throw UserError(
      joined("unknown verb '", words[1], "'", did_you_mean_or_one_of(words[1], verbs_of(app))));
}

std::string fault_words(const CLI::App& app, const CLI::ParseError& fault,
                        std::span<char* const> words) {
  const bool is_extra = dynamic_cast<const CLI::ExtrasError*>(&fault) != nullptr;
  if (!is_extra || words.size() < 2) return fault.what();
  const std::vector<std::string> flags = flags_of(find_verb(app, words[1]));
  for (const std::string_view word : words.subspan(2)) {
    if (word == "--") break;
    if (!word.starts_with("--")) continue;
    const std::string_view name = word.substr(2, word.find('=') - 2);
    if (std::ranges::find(flags, name) != flags.end()) continue;
    const std::string nearest = nearest_name(name, flags);
    return joined(words[1], " has no flag --", name,
                  nearest.empty() ? "" : joined("; did you mean --", nearest, "?"));
  }
  return fault.what();
}

}  // namespace hdecomp::tools
