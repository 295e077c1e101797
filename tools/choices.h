/// Words of a flag as values of an enumeration in the same order.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>

namespace hdecomp::tools {

/// Which of `names`; the flag's check lets no other through.
template <class Choice>
Choice choice_of(const std::string& name, std::initializer_list<const char*> names) {
  return static_cast<Choice>(std::ranges::find(names, name) - names.begin());
}

}  // namespace hdecomp::tools
