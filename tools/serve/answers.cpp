/// From the engine to the page's JSON.
#include "tools/serve/answers.h"

#include "hdecomp/stopwatch.h"
#include "tools/page/report.h"

namespace hdecomp::tools {
namespace {

std::string layer_of(const std::string& key) { return key.substr(0, key.find(':')); }

PageSubject subject_of(const StoredImage& image, const Question& question) {
  return {image.name, image.view, question.options.top};
}

}  // namespace

void explain_in_parts(Explainer& explainer, Turn& turn, const StoredImage& image,
                      const Question& question,
                      const std::function<void(std::string line)>& hand_out) {
  const Stopwatch watch;
  const Model& model = explainer.model();
  std::set<std::string> sent;
  const auto send = [&](const PageJson& part) { hand_out(dump(part) + "\n"); };
  ExplainOptions options = question.options;
  options.after_level = [&](const Tree& so_far, int level) {
    turn.check();
    PageJson part;
    if (level == 0) {
      part = {{"event", "page"}, {"page", page_head(so_far, model, subject_of(image, question))}};
    } else {
      part = {
          {"event", "level"}, {"level", level}, {"of", static_cast<int64_t>(so_far.layers.size())}};
      part["steps"] = page_steps(so_far.root, model, &sent);
    }
    send(part);
  };
  const Tree tree = explainer.explain(image.photo, options);
  if (options.guided) send({{"event", "guided"}, {"crops", page_guided(tree.root)}});
  send({{"event", "done"},
        {"decompositions", tree.decompositions},
        {"ms", static_cast<float>(watch.ms())}});
}

PageJson decompose_decision(Explainer& explainer, const StoredImage& image, const std::string& key,
                            int top) {
  const Stopwatch watch;
  const std::string below = explainer.model().stage_below(layer_of(key));
  if (below.empty())
    throw UserError(text("from: '", key, "' is no decision with a stage below it"));
  StepOptions options;
  options.keep_maps = true;
  options.top = top;
  const DecisionStep step = explainer.decompose(image.photo, decision_of(key), below, options);
  PageJson result{{"steps", page_steps(step.decision, explainer.model())}};
  result["ms"] = static_cast<float>(watch.ms());
  return result;
}

PageJson decompose_channel(Explainer& explainer, const StoredImage& image, const Addition& addition,
                           int top) {
  const Stopwatch watch;
  const Model& model = explainer.model();
  const std::string below = model.stage_below(layer_of(addition.parent));
  if (below.empty()) {
    throw UserError(text("from: '", addition.parent, "' is no decision with a stage below it"));
  }
  StepOptions options;
  options.keep_maps = true;
  options.channels = {addition.channel};
  const DecisionStep step =
      explainer.decompose(image.photo, decision_of(addition.parent), below, options);
  const TreeNode& child = step.decision.children.front();
  PageJson result{{"child", page_node(child, *step.decision.step, model)}};
  result["steps"] = PageJson::object();
  if (!model.stage_below(below).empty() && child.value > 0) {
    const std::string key = text(child.layer, ":", child.channel, "@", child.y, ",", child.x);
    result["steps"] = decompose_decision(explainer, image, key, top)["steps"];
  }
  result["ms"] = static_cast<float>(watch.ms());
  return result;
}

Tree explain_whole(Explainer& explainer, Turn& turn, const StoredImage& image,
                   const Question& question) {
  ExplainOptions options = question.options;
  options.after_level = [&](const Tree&, int) { turn.check(); };
  return explainer.explain(image.photo, options);
}

std::string report_with_additions(Explainer& explainer, Turn& turn, const Tree& tree,
                                  const StoredImage& image, const Question& question) {
  const Model& model = explainer.model();
  PageJson page = page_head(tree, model, subject_of(image, question));
  PageJson steps = page_steps(tree.root, model);
  for (const Addition& addition : question.added) {
    turn.check();
    PageJson made = decompose_channel(explainer, image, addition, question.options.top);
    for (auto& [key, step] : made["steps"].items()) {
      if (!steps.contains(key)) steps[key] = step;
    }
    if (!steps.contains(addition.parent)) continue;  // below a node that is not in the tree
    made["child"]["added"] = true;
    steps[addition.parent]["children"].push_back(made["child"]);
  }
  page["steps"] = std::move(steps);
  return report_html(page, text(tree.decision.name, " in ", image.name));
}

}  // namespace hdecomp::tools
