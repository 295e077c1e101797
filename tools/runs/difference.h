/// What is explained of a class whose score is not positive: how far the top class is ahead of it.
#pragma once

#include <optional>
#include <string>

#include "tools/page/page_data.h"
#include "tools/runs/session.h"

namespace hdecomp::tools {

/// The most probable class's lead over class `target`; none where that one's score is positive, or
/// the difference cannot be had.
std::optional<PageDifference> lead_over(Explainer& explainer, const Image& photo,
                                        const std::string& target);

/// Where the score of class `target` is not positive (Eq. 1), says so on stderr and turns `session`
/// and `common` to the difference of the most probable class's score and that one's, as --versus
/// does; then that difference is class "index:0". Returns what it is of, if it did.
std::optional<PageDifference> turn_to_difference(const Image& photo, const std::string& target,
                                                 CommonOptions& common, Session& session);

/// What work(class) returns, of `target`; of the difference where it throws an ImageError and that
/// can be had, which `difference` then says.
template <class Work>
auto or_difference(const Image& photo, const std::string& target, CommonOptions& common,
                   Session& session, std::optional<PageDifference>& difference, Work work) {
  try {
    return work(target);
  } catch (const ImageError&) {
    difference = turn_to_difference(photo, target, common, session);
    if (!difference) throw;
  }
  return work("index:0");
}

}  // namespace hdecomp::tools
