/// Answers sent line by line, as they are made.
#pragma once

#include <httplib.h>

#include <functional>
#include <string>

#include "tools/serve/engine_room.h"

namespace hdecomp::tools {

/// Makes an answer on the engine's thread and hands out its parts, a line each.
using MakeParts = std::function<void(Engine& engine, Turn& turn,
                                     const std::function<void(std::string line)>& hand_out)>;

/// Sends an answer's parts into `sink`. The engine does not wait for a slow client. What goes wrong
/// is a line, too: {"event": "error"}, for the answer has begun.
void stream_parts(EngineRoom& room, const std::string& device, const MakeParts& make,
                  httplib::DataSink& sink);

}  // namespace hdecomp::tools
