/// The name a user probably meant: for the errors on unknown names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hdecomp/export.h"

namespace hdecomp {

/// The candidate with the smallest edit distance (ignoring case, two letters exchanged are one
/// edit), the first of equals, of those in which no more than a third of the letters differs, or
/// half where the first half is the same; "" if there is none.
HDECOMP_API std::string nearest_name(std::string_view name,
                                     const std::vector<std::string>& candidates);

/// "; did you mean 'conv5_3'?", or "" if no candidate is near.
HDECOMP_API std::string did_you_mean(std::string_view name,
                                     const std::vector<std::string>& candidates);

/// The same, but where no candidate is near "; give one of conv5_3, conv4_3".
HDECOMP_API std::string did_you_mean_or_one_of(std::string_view name,
                                               const std::vector<std::string>& candidates);

}  // namespace hdecomp
