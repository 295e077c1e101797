/// From an attack to lines, pictures and tables.
#include "tools/trees/attack_story.h"

#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"
#include "hdecomp/number.h"
#include "tools/page/page_data.h"
#include "tools/tables/concept_names.h"
#include "tools/tables/table.h"

namespace hdecomp::tools {
namespace {

/// All classes, best first.
std::vector<ClassScore> all_scores(Explainer& explainer, const Image& image) {
  return explainer.classify(image, static_cast<int>(explainer.model().class_count()));
}

/// `scores`: all classes.
Verdict verdict_on(int64_t decision, std::vector<ClassScore> scores) {
  const ClassScore found = *std::ranges::find(scores, decision, &ClassScore::index);
  return {found, std::move(scores)};
}

/// How often the largest difference goes into half the range of a pixel.
int64_t magnified(const Attacked& attacked) {
  return std::max<int64_t>(1, attacked.distance > 0 ? std::lround(0.5 / attacked.distance) : 1);
}

/// What was added to each pixel, so many times, to mid grey.
Image difference_of(const Attacked& attacked, int64_t times) {
  const Image& seen = attacked.seen;
  std::vector<float> planes(seen.planes.size());
  for (size_t i = 0; i < planes.size(); ++i) {
    const float by = attacked.image.planes[i] - seen.planes[i];
    planes[i] = std::clamp(0.5f + static_cast<float>(times) * by, 0.0f, 1.0f);
  }
  return image_of_planes(std::move(planes), {seen.height, seen.width});
}

/// In 255ths of a pixel's range.
std::string in_255ths(double share) {
  std::string digits = cell(255 * share, 2);
  if (digits.ends_with(".00")) digits.resize(digits.size() - 3);
  return digits + "/255";
}

void put_kind(JsonWriter& json, const AttackStory& story, size_t kind,
              const ChannelConcepts* concepts) {
  const Attacked& attacked = story.attacked;
  json.begin_object();
  json.field("of", attack_channels[kind]);
  json.field("class", kind == 0 ? attacked.before.name : attacked.new_after.name);
  json.key("channels");
  json.begin_array();
  for (const AttackedChannel& one : attacked.channels[kind]) {
    json.begin_object();
    json.field("channel", one.channel);
    put_concept_name(json, concepts, attacked.layer, one.channel);
    json.field("before", one.before);
    json.field("after", one.after);
    json.field("moved", one.moved);
    json.end();
  }
  json.end();
  json.end();
}

void put_pictures(JsonWriter& json, const Attacked& attacked) {
  const int64_t times = magnified(attacked);
  json.key("pictures");
  json.begin_object();
  json.field("clean", exact_picture(attacked.seen));
  json.field("attacked", exact_picture(attacked.image));
  json.field("difference", exact_picture(difference_of(attacked, times)));
  json.field("times", times);
  json.end();
}

}  // namespace

double share_of_range(const std::string& flag, const std::string& text) {
  const size_t line = text.find('/');
  const auto number = number_in<double>(text.substr(0, line));
  const auto below = line == std::string::npos ? std::optional<double>(1)
                                               : number_in<double>(text.substr(line + 1));
  if (number && below && *below > 0) return *number / *below;
  throw UserError(joined(flag, " ", text, ": give a number or a fraction, as 4/255"));
}

AttackStory attack_story(Explainer& explainer, const Image& photo, AttackOptions question) {
  std::vector<ClassScore> scores = all_scores(explainer, photo);
  const ClassScore& top = scores.front();
  if (!question.aim.empty() && explainer.model().find_class(question.aim) == top.index) {
    throw UserError(joined("--target ", question.aim, ": the network says ", top.name,
                           " already; give another class"));
  }
  question.channels = attack_ranks;
  AttackStory story{std::move(question), {}, {}, {}};
  story.attacked = std::move(explainer.attack_batch({&photo, 1}, story.question).front());
  const int64_t own = story.attacked.before.index;
  story.before = verdict_on(own, std::move(scores));
  story.after = verdict_on(own, all_scores(explainer, story.attacked.image));
  return story;
}

std::vector<std::string> attack_lines(const AttackStory& story) {
  const AttackOptions& question = story.question;
  const Attacked& attacked = story.attacked;
  std::string done = joined(
      "attack: every pixel by at most ", in_255ths(question.eps), " of its range, ", question.steps,
      question.steps == 1 ? " step of " : " steps of ", in_255ths(question.step_size()));
  if (question.random_start) done += joined(" from a start of chance (seed ", question.seed, ")");
  if (question.restarts > 1) done += joined(", the best of ", question.restarts);
  const bool missed = !question.aim.empty() && !attacked.fooled;
  std::string reached = verdict_line(story.before, story.after);
  if (missed) reached += "; the class that was aimed at is not reached";
  std::string far = joined("the pixel that went furthest went ", in_255ths(attacked.distance),
                           "; cross entropy of the ", question.aim.empty() ? "class" : "aim", " ",
                           cell(attacked.loss_before), " -> ", cell(attacked.loss));
  if (attacked.fooled) {
    far += attacked.fooled_in_8_bits ? "; rounded to 8 bits the picture is an attack still"
                                     : "; rounded to 8 bits the picture is no attack any more";
  }
  return {done, reached, far};
}

void put_attack(JsonWriter& json, const AttackStory& story, const ChannelConcepts* concepts) {
  put_class_changes(json, class_changes(story.before, story.after));
  put_pictures(json, story.attacked);
  json.field("layer", story.attacked.layer);
  json.key("channels");
  json.begin_array();
  for (size_t kind = 0; kind < std::size(attack_channels); ++kind) {
    put_kind(json, story, kind, concepts);
  }
  json.end();
}

}  // namespace hdecomp::tools
