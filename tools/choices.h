/// Words of a flag as values of an enumeration in the same order.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "hdecomp/saliency.h"

namespace hdecomp::tools {

/// Which of `names`; the flag's check lets no other through.
template <class Choice>
Choice choice_of(const std::string& name, std::span<const char* const> names) {
  return static_cast<Choice>(std::ranges::find(names, name) - names.begin());
}

/// The same words for that check.
inline std::vector<std::string> words_of(std::span<const char* const> names) {
  return {names.begin(), names.end()};
}

/// What --layers of concepts and patches says: names; none for the word stage-ends.
inline const std::vector<std::string> stage_ends_alone = {"stage-ends"};
inline std::vector<std::string> layers_of(const std::vector<std::string>& layers) {
  return layers == stage_ends_alone ? std::vector<std::string>{} : layers;
}

/// Throws UserError that names the flag for a word that is no method.
inline std::vector<SaliencyMethod> saliency_methods_of(const char* flag,
                                                       std::span<const std::string> names) {
  std::vector<SaliencyMethod> methods;
  for (const std::string& name : names) methods.push_back(saliency_method(name, flag));
  return methods;
}

}  // namespace hdecomp::tools
