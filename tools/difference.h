/// What is explained of a class whose score is not positive: how far the top class is ahead of it.
#pragma once

#include <string>

#include "tools/session.h"

namespace hdecomp::tools {

/// Where the score of class `target` is not positive (Eq. 1), says so on stderr and turns `session`
/// and `common` to the difference of the most probable class's score and that one's, as --versus
/// does; then that difference is class "index:0". Returns whether it did.
bool turn_to_difference(const Image& photo, const std::string& target, CommonOptions& common,
                        Session& session);

/// What work(class) returns, of `target`; of the difference where it throws an ImageError and that
/// can be had.
template <class Work>
auto or_difference(const Image& photo, const std::string& target, CommonOptions& common,
                   Session& session, Work work) {
  try {
    return work(target);
  } catch (const ImageError&) {
    if (!turn_to_difference(photo, target, common, session)) throw;
  }
  return work("index:0");
}

}  // namespace hdecomp::tools
