/// Words that stand for the values of an enumeration, in its order.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hdecomp {

/// The place of `word` among `words`; nothing where it is none of them.
inline std::optional<size_t> choice_in(std::string_view word, std::span<const char* const> words) {
  const auto found = std::ranges::find(words, word);
  if (found == words.end()) return {};
  return static_cast<size_t>(found - words.begin());
}

/// For the line that refuses another word: "give one of grey, blur", each between `quote`.
inline std::string give_one_of(std::span<const char* const> words, const std::string& quote = {}) {
  std::string all;
  for (const char* word : words) all += (all.empty() ? "" : ", ") + quote + word + quote;
  return "give one of " + all;
}

}  // namespace hdecomp
