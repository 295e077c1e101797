/// The server's answer to what-if: part of a photograph filled, or channels switched off.
#pragma once

#include <string>

#include "tools/serve/engine_room.h"
#include "tools/serve/image_store.h"
#include "tools/serve/question.h"
#include "tools/trees/evidence_region.h"

namespace hdecomp::tools {

/// As the command's flags of these names.
struct WhatIfQuestion {
  Question about;  // image, decision and tree
  std::string box = {}, at = {}, off = {};
  EvidencePart region = EvidencePart::mask;
  RegionFill pixels = RegionFill::grey;
  AblationFill channels = AblationFill::zero;
  int controls = 0;
};

/// Reads the question's parameters and box, at, off, region, fill, controls. Throws UserError, one
/// line, that names the parameter.
WhatIfQuestion what_if_question_of(const httplib::Request& request, const Model& model);

/// {"lines": what was changed, the verdict, chance; "classes": their scores before and after, as
/// the command's table; "picture": the filled photograph as the page shows it, of pixels;
/// "what_if": the object of `hdecomp what-if --json`, without trees}.
std::string what_if_answer(Engine& engine, Turn& turn, const StoredImage& image,
                           const WhatIfQuestion& question);

}  // namespace hdecomp::tools
