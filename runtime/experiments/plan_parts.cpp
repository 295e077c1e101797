/// Plans' parts, compared and packed.
#include "runtime/experiments/plan_parts.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "runtime/results/packed_bytes.h"
#include "weights/file/in_quotes.h"

namespace hdecomp {

void require_same(const std::string& path, const PlanParts& theirs, const PlanParts& ours) {
  const auto tells = [](const PlanParts& parts, const std::string& name) {
    return std::ranges::find(parts, name, &PlanParts::value_type::first) != parts.end();
  };
  for (size_t i = 0; i < std::min(theirs.size(), ours.size()); ++i) {
    if (theirs[i] == ours[i]) continue;
    const bool of_theirs = !tells(ours, theirs[i].first);  // else it is told of by both, or by us
    const std::string& name = of_theirs ? theirs[i].first : ours[i].first;
    const bool both = theirs[i].first == ours[i].first;
    throw UserError(joined(path, ": cannot go on: ", name, " is ",
                           of_theirs || both ? in_quotes(theirs[i].second) : "not told of",
                           " in the file and ",
                           of_theirs ? "not told of" : in_quotes(ours[i].second), " in this run"));
  }
  if (theirs.size() == ours.size()) return;
  throw UserError(joined(path, ": cannot go on: the file is of another run"));
}

std::vector<uint8_t> packed_parts(const PlanParts& parts) {
  PackedBytes out;
  for (const auto& [name, value] : parts) {
    out.put_list(name);
    out.put_list(value);
  }
  return out.take_bytes();
}

PlanParts unpacked_parts(std::span<const uint8_t> bytes) {
  PackedReader in(bytes);
  PlanParts parts;
  while (!in.at_end()) {
    auto& [name, value] = parts.emplace_back();
    in.take_list(name);
    in.take_list(value);
  }
  return parts;
}

}  // namespace hdecomp
