/// From the engine to the page's JSON.
#include "tools/serve/answers.h"

#include <algorithm>
#include <iterator>

#include "hdecomp/stopwatch.h"
#include "tools/page/against.h"
#include "tools/page/report.h"
#include "tools/serve/target.h"

namespace hdecomp::tools {
namespace {

std::string layer_of(const std::string& key) { return key.substr(0, key.find(':')); }

PageSubject subject_of(const StoredImage& image, const Question& question, const Model& model) {
  PageSubject subject{image.name, image.view, question.options.top};
  subject.seen = seen_of(image.photo, model.preprocess());
  subject.difference = question.difference;
  return subject;
}

/// With the top and the class of the question, the rest as the command has it.
DrawnMap drawn_map(Explainer& explainer, Turn& turn, const StoredImage& image,
                   const Question& question, SaliencyMethod method,
                   const std::function<void(int64_t done, int64_t of)>& after_samples) {
  turn.check();
  SaliencyOptions options;
  options.method = method;
  options.target = question.options.target;
  options.top = question.options.top;
  options.after_samples = [&](int64_t done, int64_t of) {
    turn.check();
    after_samples(done, of);
  };
  return {explainer.saliency(image.photo, options), image.photo, explainer.model()};
}

/// A decision's step into the stage below. Throws UserError where nothing is below.
DecisionStep step_of(Explainer& explainer, const StoredImage& image, const std::string& key,
                     StepOptions options) {
  const std::string below = explainer.model().stage_below(layer_of(key));
  if (below.empty()) {
    throw UserError(joined("from: '", key, "' is no decision with a stage below it"));
  }
  options.keep_maps = true;
  return explainer.decompose(image.photo, decision_of(key), below, options);
}

StepOptions step_options(const Question& question) {
  StepOptions options;
  options.top = question.options.top;
  options.cover = question.options.cover;
  return options;
}

AddedEvidence added_evidence(Explainer& explainer, const StoredImage& image,
                             const Addition& addition, const Question& question) {
  StepOptions one;
  const StepOptions whole = step_options(question);
  one.channels = {addition.channel};
  AddedEvidence added{addition.parent, step_of(explainer, image, addition.parent, one), {}};
  const TreeNode& child = added.step.decision.children().front();
  if (!explainer.model().stage_below(child.layer).empty() && child.value > 0) {
    added.own = step_of(explainer, image, place_of(child), whole);
  }
  return added;
}

void put_ms(JsonWriter& json, const Stopwatch& watch) { json.field("ms", watch.ms()); }

/// Nothing where the question asks for none.
std::vector<AddedEvidence> against_below(Explainer& explainer, const StoredImage& image,
                                         const TreeNode& root, const Question& question,
                                         const std::function<void()>& before_each = {}) {
  const ExplainOptions& options = question.options;
  return evidence_against(explainer, image.photo, root,
                          against_of(question.is_signed, options.cover, options.top), {},
                          before_each);
}

void put_against(JsonWriter& json, const std::vector<AddedEvidence>& against, const Model& model) {
  if (against.empty()) return;
  json.key("against");
  put_page_against(json, against, model);
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
      return send("level", [&](JsonWriter& json) {
        json.field("level", level);
        json.field("of", static_cast<int64_t>(so_far.layers.size()));
        json.key("steps");
        put_page_steps(json, so_far.root, model, {}, &sent);
      });
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

Tree explain_whole(Explainer& explainer, Turn& turn, const StoredImage& image,
                   const Question& question) {
  ExplainOptions options = question.options;
  options.after_level = [&](const Tree& so_far, int) {
    turn.check();
    check_size(so_far, question);
  };
  return explainer.explain(image.photo, options);
}

std::string report_with_additions(Explainer& explainer, Turn& turn, const Tree& tree,
                                  const StoredImage& image, const Question& question,
                                  const PatchFiles& patches) {
  std::vector<AddedEvidence> added;
  for (const Addition& addition : question.added) {
    turn.check();
    added.push_back(added_evidence(explainer, image, addition, question));
  }
  // Below what was added by hand, too.
  const auto add_against = [&](const TreeNode& root) {
    auto against = against_below(explainer, image, root, question, [&] { turn.check(); });
    std::ranges::move(against, std::back_inserter(added));
  };
  const size_t by_hand = added.size();
  add_against(tree.root);
  for (size_t i = 0; i < by_hand; ++i) {
    if (const auto own = added[i].own) add_against(own->decision);
  }
  PageSubject subject = subject_of(image, question, explainer.model());
  subject.patches = patches;
  subject.pixels = image.pixels;
  for (const SaliencyMethod method : question.saliency) {
    subject.maps.push_back(
        drawn_map(explainer, turn, image, question, method, [](int64_t, int64_t) {}));
  }
  std::string report;
  write_report(
      tree, explainer.model(), subject, [&](std::string_view piece) { report += piece; }, added);
  return report;
}

}  // namespace hdecomp::tools
