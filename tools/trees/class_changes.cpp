/// Two verdicts side by side.
#include "tools/trees/class_changes.h"

#include <algorithm>
#include <functional>

#include "hdecomp/error.h"
#include "tools/tables/table.h"

namespace hdecomp::tools {
namespace {

constexpr size_t shown_classes = 5;

const ClassScore& score_of(const Verdict& verdict, int64_t index) {
  return *std::ranges::find(verdict.top, index, &ClassScore::index);
}

void put_change(JsonWriter& json, const ClassChange& change) {
  json.begin_object();
  json.field("index", change.before.index);
  json.field("name", change.before.name);
  for (const auto& [key, score] : {std::pair("before", change.before), {"after", change.after}}) {
    json.key(key);
    json.begin_object();
    json.field("score", score.score);
    json.field("probability", score.probability);
    json.end();
  }
  json.end();
}

}  // namespace

std::vector<ClassChange> class_changes(const Verdict& before, const Verdict& after) {
  std::vector<int64_t> shown{before.decision.index};
  for (const Verdict* verdict : {&before, &after}) {
    for (size_t i = 0; i < std::min(shown_classes, verdict->top.size()); ++i) {
      const int64_t index = verdict->top[i].index;
      if (std::ranges::find(shown, index) == shown.end()) shown.push_back(index);
    }
  }
  std::vector<ClassChange> changes;
  for (const int64_t index : shown) {
    changes.push_back({score_of(before, index), score_of(after, index)});
  }
  std::ranges::stable_sort(changes, std::greater(),
                           [](const ClassChange& change) { return change.before.score; });
  return changes;
}

std::string verdict_line(const Verdict& before, const Verdict& after) {
  const bool same = before.predicted().index == after.predicted().index;
  return joined("the class ", same ? "stays " : "changes from ", before.predicted().name,
                same ? "" : joined(" to ", after.predicted().name), "; ", before.decision.name, " ",
                percent(before.decision.probability), " -> ", percent(after.decision.probability));
}

void put_class_changes(JsonWriter& json, const std::vector<ClassChange>& changes) {
  json.key("classes");
  json.begin_array();
  for (const ClassChange& change : changes) put_change(json, change);
  json.end();
}

}  // namespace hdecomp::tools
