/// Flags that are refused beside a value of another flag that has no use for them.
#include <algorithm>
#include <utility>

#include "hdecomp/choice.h"
#include "tools/flags/flags.h"

namespace hdecomp::tools {

void require_uses(CLI::App& verb, std::vector<FlagChoice> choices) {
  verb.parse_complete_callback([&verb, choices = std::move(choices)] {
    for (const FlagChoice& choice : choices) {
      for (const auto& [flag, users] : choice.uses) {
        if (verb.get_option(flag)->count() == 0) continue;
        const std::vector<std::string> chosen = choice.chosen();
        if (std::ranges::find_first_of(users, chosen) != users.end()) continue;
        throw CLI::ValidationError(no_use(flag, choice.flag, chosen, users));
      }
    }
  });
}

}  // namespace hdecomp::tools
