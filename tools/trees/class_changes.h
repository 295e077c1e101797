/// Classes before a change of a photograph or network and after it.
#pragma once

#include <string>
#include <vector>

#include "hdecomp/json_writer.h"
#include "hdecomp/what_if.h"

namespace hdecomp::tools {

/// A class without the change and with it.
struct ClassChange {
  ClassScore before, after;
};
/// The likeliest before, by falling score, with those that are it only after. Both verdicts have
/// all classes.
std::vector<ClassChange> class_changes(const Verdict& before, const Verdict& after);

/// What the class was and is, a line.
std::string verdict_line(const Verdict& before, const Verdict& after);

/// The member "classes" of the object that is begun: {index, name, before, after: {score,
/// probability}} each.
void put_class_changes(JsonWriter& json, const std::vector<ClassChange>& changes);

}  // namespace hdecomp::tools
