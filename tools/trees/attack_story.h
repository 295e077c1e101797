/// An attack on one photograph as pages tell it: classes, channels and pictures before and after.
#pragma once

#include <string>
#include <vector>

#include "hdecomp/explainer.h"
#include "tools/trees/class_changes.h"

namespace hdecomp::tools {

struct AttackStory {
  AttackOptions question;
  Attacked attacked;
  Verdict before, after;  // all classes; the decision is the attacked one
};

/// Attacks the photograph, by default its most probable class, and looks at attack_ranks channels
/// of each kind. Throws what Explainer::attack_batch() does, and UserError where the aim is the
/// most probable class already.
AttackStory attack_story(Explainer& explainer, const Image& photo, AttackOptions question);

/// What was done, what it did to the class, how far the pixels went.
std::vector<std::string> attack_lines(const AttackStory& story);

/// Members of the object that is begun: "classes", before and after; "pictures", {clean, attacked,
/// difference: data URLs, times: how often the last is magnified}; "layer" and "channels": by kind
/// {of, class, channels: {channel, name if it has one, before, after, moved}}.
void put_attack(JsonWriter& json, const AttackStory& story, const ChannelConcepts* concepts);

/// "0.0157" or "4/255". Throws UserError that names the flag.
double share_of_range(const std::string& flag, const std::string& text);

}  // namespace hdecomp::tools
