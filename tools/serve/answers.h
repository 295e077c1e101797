/// The server's answers that need an engine: explanations level by level, single steps.
#pragma once

#include <functional>
#include <string>

#include "tools/page/page_data.h"
#include "tools/serve/engine_room.h"
#include "tools/serve/image_store.h"
#include "tools/serve/question.h"

namespace hdecomp::tools {

using HandOut = std::function<void(std::string line)>;

/// A part of an answer: one line of JSON, its event first.
void send_part(const HandOut& hand_out, const char* event,
               const std::function<void(JsonWriter&)>& put_members);

/// Explains and hands out each part as one line of JSON: {"event": "page"}, {"event": "level"} per
/// level with its new steps, {"event": "against"} and {"event": "guided"} if asked for, {"event":
/// "done"}.
void explain_in_parts(Engine& engine, Turn& turn, const StoredImage& image, Question question,
                      const HandOut& hand_out);

/// The map of the one method in question.saliency, and hands out each part as one line of JSON:
/// {"event": "samples", "done", "of"} after each of a slow method's batches, {"event": "map"}.
/// Throws UserError where the question names none, or several.
void saliency_in_parts(Engine& engine, Turn& turn, const StoredImage& image, Question question,
                       const HandOut& hand_out);

/// A decision's own step into the stage below, {"steps"} as JSON, and {"against"} if asked for: the
/// same numbers as `hdecomp decompose` prints. Throws UserError where nothing is below.
std::string decompose_decision(Engine& engine, const StoredImage& image, const std::string& key,
                               Question question);

/// One channel of a decision's step as evidence, {"child"}, and its own step, {"steps"}, if it has
/// one.
std::string decompose_channel(Engine& engine, const StoredImage& image, const Addition& addition,
                              Question question);

}  // namespace hdecomp::tools
