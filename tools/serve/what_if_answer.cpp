/// From a request to Explainer::what_if and back, with the command's own words.
#include "tools/serve/what_if_answer.h"

#include "hdecomp/stopwatch.h"
#include "tools/serve/report_answer.h"
#include "tools/serve/target.h"
#include "tools/trees/what_if_result.h"

namespace hdecomp::tools {
namespace {

constexpr int most_boxes = 40;  // of chance: a run of the network each

constexpr const char* channel_fills[] = {"zero", "mean"};

RegionQuestion node_region(const WhatIfQuestion& question) {
  return {question.at, question.region};
}

/// The tree that a node is looked up in is of the class, whatever the page shows.
EvidenceRegion region_of(Explainer& explainer, Turn& turn, const StoredImage& image,
                         const WhatIfQuestion& question) {
  if (!question.box.empty()) return {{photo_box(question.box, image.photo), {}}, ""};
  const Tree tree = explain_whole(explainer, turn, image, question.about);
  return evidence_region(explainer, image.photo, tree, node_region(question));
}

/// Throws UserError that names the parameter also for a layer that is not there.
std::vector<FilledLayer> layers_off(const Model& model, const std::string& spelling) {
  std::vector<FilledLayer> off = channels_off(spelling);
  try {
    for (const FilledLayer& layer : off) model.stage_below(layer.layer);
  } catch (const UserError& fault) {
    throw UserError(joined("off ", spelling, ": ", fault.what()));
  }
  return off;
}

std::string answer_text(const WhatIfResult& result, const Image& filled, const Model& model) {
  std::string text = json_object([&](JsonWriter& json) {
    put_lines(json, what_if_lines(result));
    put_class_changes(json, class_changes(result.says.before, result.says.after));
    if (filled.rgb.empty()) return;
    json.field("picture", page_picture(EvidencePainter(filled, model, page_side).view()));
  });
  text.back() = ',';  // the object goes on
  text += "\"what_if\":";
  write_what_if_json(result, false, [&](std::string_view piece) { text += piece; });
  return text + "}";
}

}  // namespace

WhatIfQuestion what_if_question_of(const httplib::Request& request, const Model& model) {
  WhatIfQuestion question{question_of(request, model), parameter(request, "box"),
                          parameter(request, "at"), parameter(request, "off")};
  question.region = static_cast<EvidencePart>(choice_parameter(request, "region", evidence_parts));
  if (question.off.empty()) {
    question.pixels = static_cast<RegionFill>(choice_parameter(request, "fill", region_fills));
  } else {
    const bool to_zero = choice_parameter(request, "fill", channel_fills) == 0;
    question.channels = to_zero ? AblationFill::zero : AblationFill::mean;
  }
  question.controls = number_parameter(request, "controls", 20, 0, most_boxes);
  const auto given = [](const std::string& text) { return text.empty() ? 0 : 1; };
  if (given(question.box) + given(question.at) + given(question.off) != 1) {
    throw UserError("what is to change? give one of box, at and off");
  }
  question.about.options.from.clear();
  question.about.options.guided = false;
  return question;
}

std::string what_if_answer(Engine& engine, Turn& turn, const StoredImage& image,
                           const WhatIfQuestion& question) {
  WhatIfQuestion asked = question;
  Explainer& explainer = explainer_for(engine, image, asked.about);
  WhatIfResult result;
  result.image = image.name;
  result.width = image.photo.width;
  result.height = image.photo.height;
  Change& change = result.change;
  WhatIfOptions options{asked.about.options.target, asked.controls, result.seed};
  options.after_batch = [&](int64_t, int64_t) { turn.check(); };
  const Stopwatch watch;
  Image filled;
  if (asked.off.empty()) {
    change.pixels = asked.pixels;
    change.kind = asked.at.empty() ? "box" : evidence_parts[static_cast<int>(asked.region)];
    change.of_pixels = region_of(explainer, turn, image, asked);
    turn.check();
    const PhotoRegion& region = change.of_pixels->region;
    const PixelFiller filler(image.photo, change.pixels);
    result.says = explainer.what_if(filler, region, options);
    filled = filler.filled(region);
  } else {
    change.channels.fill = asked.channels;
    change.kind = "off";
    const std::vector<FilledLayer> off = layers_off(explainer.model(), asked.off);
    turn.check();
    result.says = explainer.what_if(image.photo, off, change.channels.fill, nullptr, options);
  }
  result.timings_ms["what_if"] = watch.ms();
  return answer_text(result, filled, explainer.model());
}

}  // namespace hdecomp::tools
