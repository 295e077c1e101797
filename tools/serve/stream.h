/// Explanations sent line by line, as they are made.
#pragma once

#include <httplib.h>

#include "tools/serve/engine_room.h"
#include "tools/serve/image_store.h"
#include "tools/serve/question.h"

namespace hdecomp::tools {

/// Sends an explanation's parts (explain_in_parts) into `sink`. The engine does not wait for a slow
/// client. What goes wrong is a line, too: {"event": "error"}, for the answer has begun.
void stream_explanation(EngineRoom& room, const StoredImage& image, const Question& question,
                        httplib::DataSink& sink);

}  // namespace hdecomp::tools
