/// Unknown verbs and flags, with the nearest that there are.
#include "tools/flags/unknown_words.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "hdecomp/nearest.h"

namespace hdecomp::tools {
namespace {

std::vector<std::string> verbs_of(const CLI::App& app) {
  std::vector<std::string> verbs;
  for (const CLI::App* verb : app.get_subcommands({})) verbs.push_back(verb->get_name());
  return verbs;
}

/// "top" of --top.
std::vector<std::string> flags_of(const CLI::App& app, const std::string& verb) {
  std::vector<std::string> flags;
  for (const CLI::App* one : app.get_subcommands({})) {
    if (one->get_name() != verb) continue;
    for (const CLI::Option* option : one->get_options()) {
      flags.insert(flags.end(), option->get_lnames().begin(), option->get_lnames().end());
    }
  }
  return flags;
}

}  // namespace

void check_verb(const CLI::App& app, std::span<char* const> words) {
  if (words.size() < 2 || words[1][0] == '-') return;
  const std::vector<std::string> verbs = verbs_of(app);
  if (std::ranges::find(verbs, words[1]) != verbs.end()) return;
  std::string help = did_you_mean(words[1], verbs);
  if (help.empty()) help = "; give one of " + CLI::detail::join(verbs, ", ");
  throw UserError(joined("unknown verb '", words[1], "'", help));
}

std::string fault_words(const CLI::App& app, const CLI::ParseError& fault,
                        std::span<char* const> words) {
  const bool is_extra = dynamic_cast<const CLI::ExtrasError*>(&fault) != nullptr;
  if (!is_extra || words.size() < 2) return fault.what();
  const std::vector<std::string> flags = flags_of(app, words[1]);
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
