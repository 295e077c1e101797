/// The server's answer to attack: the photograph changed a little so that its class changes.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "hdecomp/attack.h"
#include "tools/serve/answers.h"
#include "tools/serve/engine_room.h"
#include "tools/serve/image_store.h"
#include "tools/serve/question.h"

namespace hdecomp::tools {

/// On the photograph's most probable class.
struct AttackQuestion {
  std::string image, device;
  AttackOptions attack;
};

/// Reads image, device, target, eps, steps, seed: no more than a browser's reader waits for. Throws
/// UserError, one line, that names the parameter.
AttackQuestion attack_question_of(const httplib::Request& request, const Model& model);

/// What the answer needs of the server.
struct AttackSurroundings {
  const ChannelConcepts* concepts = nullptr;  // names of the model's channels; null without
  /// Keeps the attacked photograph for further questions.
  std::function<std::shared_ptr<const StoredImage>(const std::string& name, const Image& image)>
      keep;
};

/// Attacks and hands out each part as one line of JSON: {"event": "step", "done", "of"} after each
/// step, {"event": "attacked", "image": {id, name} of the attacked photograph, "own", "now": the
/// classes' indices, "fooled", "lines", and what put_attack() writes}.
void attack_in_parts(Engine& engine, Turn& turn, const StoredImage& image,
                     const AttackQuestion& question, const AttackSurroundings& around,
                     const HandOut& hand_out);

}  // namespace hdecomp::tools
