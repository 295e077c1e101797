/// From the engine to the page's JSON.
#include "tools/serve/answers.h"

#include <set>

#include "hdecomp/stopwatch.h"
#include "tools/serve/answer_parts.h"
#include "tools/serve/target.h"

namespace hdecomp::tools {
namespace {

void put_ms(JsonWriter& json, const Stopwatch& watch) { json.field("ms", watch.ms()); }

void put_against(JsonWriter& json, const std::vector<AddedEvidence>& against, const Model& model) {
  if (against.empty()) return;
  json.key("against");
  put_page_against(json, against, model);
}

/// A level's new steps, which `sent` has then, too.
void put_level(JsonWriter& json, const Tree& so_far, int level, const Model& model,
               std::set<std::string>& sent) {
  json.field("level", level);
  json.field("of", static_cast<int64_t>(so_far.layers.size()));
  json.key("steps");
  put_page_steps(json, so_far.root, model, {}, &sent);
}

}  // namespace

void send_part(const HandOut& hand_out, const char* event,
               const std::function<void(JsonWriter&)>& put_members) {
  hand_out(json_object([&](JsonWriter& json) {
             json.field("event", event);
             put_members(json);
           }) +
           "\n");
}

void explain_in_parts(Engine& engine, Turn& turn, const StoredImage& image, Question question,
                      const HandOut& hand_out) {
  const Stopwatch watch;
  Explainer& explainer = explainer_for(engine, image, question);
  const Model& model = explainer.model();
  std::set<std::string> sent;
  const auto send = [&](const char* event, const std::function<void(JsonWriter&)>& put_members) {
    send_part(hand_out, event, put_members);
  };
  ExplainOptions options = question.options;
  options.after_level = [&](const Tree& so_far, int level) {
    turn.check();
    check_size(so_far, question);
    if (level > 0) {
      return send("level", [&](JsonWriter& json) { put_level(json, so_far, level, model, sent); });
    }
    send("page", [&](JsonWriter& json) {
      json.key("page");
      json.begin_object();
      put_page_head(json, so_far, model, subject_of(image, question, model));
      json.end();
    });
  };
  const Tree tree = explainer.explain(image.photo, options);
  const auto against = against_below(explainer, image, tree.root, question, [&] { turn.check(); });
  if (!against.empty()) {
    send("against", [&](JsonWriter& json) { put_against(json, against, model); });
  }
  if (options.guided) {
    send("guided", [&](JsonWriter& json) {
      json.key("crops");
      put_page_guided(json, tree.root);
    });
  }
  send("done", [&](JsonWriter& json) {
    json.field("decompositions", tree.decompositions);
    put_ms(json, watch);
  });
}

void saliency_in_parts(Engine& engine, Turn& turn, const StoredImage& image, Question question,
                       const HandOut& hand_out) {
  if (question.saliency.size() != 1) throw UserError("saliency: give one method");
  // What each pixel is to a score can be said of any class's: only a difference has its own engine.
  const bool of_two = !question.versus.empty();
  Explainer& explainer = of_two ? explainer_for(engine, image, question) : engine.whole();
  const auto tell = [&](int64_t done, int64_t of) {
    send_part(hand_out, "samples", [&](JsonWriter& json) {
      json.field("done", done);
      json.field("of", of);
    });
  };
  const DrawnMap drawn =
      drawn_map(explainer, turn, image, question, question.saliency.front(), tell);
  send_part(hand_out, "map", [&](JsonWriter& json) {
    json.key("map");
    put_drawn_map(json, drawn);
  });
}

std::string decompose_decision(Engine& engine, const StoredImage& image, const std::string& key,
                               Question question) {
  const Stopwatch watch;
  Explainer& explainer = explainer_for(engine, image, question);
  const DecisionStep step = step_of(explainer, image, key, step_options(question));
  return json_object([&](JsonWriter& json) {
    json.key("steps");
    put_page_steps(json, step.decision, explainer.model());
    put_against(json, against_below(explainer, image, step.decision, question), explainer.model());
    put_ms(json, watch);
  });
}

std::string decompose_channel(Engine& engine, const StoredImage& image, const Addition& addition,
                              Question question) {
  const Stopwatch watch;
  Explainer& explainer = explainer_for(engine, image, question);
  const AddedEvidence added = added_evidence(explainer, image, addition, question);
  return json_object([&](JsonWriter& json) {
    const TreeNode own = added.own ? added.own->decision : TreeNode{};
    json.key("child");
    put_page_node(json, added, explainer.model());
    json.key("steps");
    put_page_steps(json, own, explainer.model());
    put_against(json, against_below(explainer, image, own, question), explainer.model());
    put_ms(json, watch);
  });
}

}  // namespace hdecomp::tools
