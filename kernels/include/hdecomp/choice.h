/// Words that stand for the values of an enumeration, in its order.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hdecomp {

/// The place of `word` among `words`; nothing where it is none of them.
inline std::optional<size_t> choice_in(std::string_view word, std::span<const char* const> words) {
  const auto found = std::ranges::find(words, word);
  if (found == words.end()) return {};
  return static_cast<size_t>(found - words.begin());
}

/// "grey, blur, mean".
template <class Words>
std::string listed(const Words& words, std::string_view between = ", ") {
  std::string all;
  for (const auto& word : words) {
    if (!all.empty()) all += between;
    all += word;
  }
  return all;
}

/// For the line that refuses another word: "give one of grey, blur", each between `quote`.
inline std::string give_one_of(std::span<const char* const> words, const std::string& quote = {}) {
  return "give one of " + quote + listed(words, quote + ", " + quote) + quote;
}

/// Refuses what no choice made has a use for: "--samples: --method gap has no use for it;
/// smoothgrad, integrated-gradients have".
inline std::string no_use(const std::string& what, const std::string& chooser,
                          const std::vector<std::string>& chosen,
                          const std::vector<std::string>& users) {
  return what + ": " + chooser + " " + listed(chosen, ",") + " has no use for it; " +
         listed(users) + (users.size() == 1 ? " has" : " have");
}

}  // namespace hdecomp
