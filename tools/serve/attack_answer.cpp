/// From a request to an attack and back, with the command's own words.
#include "tools/serve/attack_answer.h"

#include <limits>

#include "tools/trees/attack_story.h"

namespace hdecomp::tools {
namespace {

constexpr int most_steps = 200;  // full-size VGG-16's in half a minute on two cores
constexpr double largest_eps = 64.0 / 255;

double eps_of(const httplib::Request& request) {
  const std::string given = parameter(request, "eps");
  const double eps = share_of_range("--eps", given.empty() ? "4/255" : given);
  if (eps > 0 && eps <= largest_eps) return eps;
  throw UserError(joined("eps ", given, ": give more than 0, at most 64/255"));
}

}  // namespace

AttackQuestion attack_question_of(const httplib::Request& request, const Model& model) {
  AttackQuestion question{parameter(request, "image"), parameter(request, "device"), {}};
  AttackOptions& attack = question.attack;
  attack.aim = class_parameter(request, "target", model);
  attack.eps = eps_of(request);
  attack.steps = number_parameter(request, "steps", attack.steps, 1, most_steps);
  attack.seed = static_cast<uint64_t>(
      number_parameter(request, "seed", 0, 0, std::numeric_limits<int>::max()));
  return question;
}

void attack_in_parts(Engine& engine, Turn& turn, const StoredImage& image,
                     const AttackQuestion& question, const AttackSurroundings& around,
                     const HandOut& hand_out) {
  AttackOptions options = question.attack;
  options.after_step = [&](int64_t done, int64_t of) {
    turn.check();
    send_part(hand_out, "step", [&](JsonWriter& json) {
      json.field("done", done);
      json.field("of", of);
    });
  };
  const AttackStory story = attack_story(engine.whole(), image.photo, std::move(options));
  const auto kept = around.keep(image.name + ", attacked", story.attacked.image);
  send_part(hand_out, "attacked", [&](JsonWriter& json) {
    json.key("image");
    json.begin_object();
    json.field("id", kept->id);
    json.field("name", kept->name);
    json.end();
    json.field("own", story.attacked.before.index);
    json.field("now", story.attacked.new_after.index);
    json.field("fooled", story.attacked.fooled);
    put_lines(json, attack_lines(story));
    put_attack(json, story, around.concepts);
  });
}

}  // namespace hdecomp::tools
