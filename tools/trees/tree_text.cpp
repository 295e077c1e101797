/// Draws trees with box-drawing characters.
#include "tools/trees/tree_text.h"

#include <cstdio>
#include <limits>

#include "hdecomp/channel_means.h"
#include "hdecomp/error.h"
#include "hdecomp/part_words.h"
#include "tools/page/against.h"
#include "tools/tables/concept_names.h"
#include "tools/trees/node_count.h"
#include "tools/trees/sum_text.h"

namespace hdecomp::tools {
namespace {

template <class... Args>
std::string format(const char* pattern, Args... args) {
  char line[512];
  std::snprintf(line, sizeof line, pattern, args...);
  return line;
}

/// `parent`: the step that chose it.
std::string evidence_line(const TreeNode& node, const Decomposition& parent,
                          const ChannelConcepts* concepts) {
  const std::string name = concept_words(concepts, node.layer, node.channel);
  std::string more = name.empty() ? name : "  (" + name + ")";
  if (!node.members.empty()) more += format("  and %zu like it", node.members.size());
  if (node.extra_peak > 0) more += format("  peak %d of its channel", node.extra_peak + 1);
  const double places = static_cast<double>(parent.height * parent.width);
  return more.insert(
      0, format("%s  adds %.4g of %.4g  share %s  alpha %.4g  peak %.4g  F %.4g",
                place_of(node).c_str(), node.contribution * places, parent.value,
                part_words(node.share).c_str(), node.contribution, node.peak, node.value));
}

/// Of further peaks how much they hold. Of a baseline: what it is, what the decision is at it, and
/// where nothing supports it. `value`: what the decision's value is called.
std::string step_lines(const Decomposition& step, const BaselineChoice& choice,
                       const std::string& value) {
  std::string lines = sum_text(step, choice, value);
  if (step.first_peaks > 0) {
    lines += format("their highest peaks hold %s of their positive A, their others %s\n",
                    part_words(step.first_peaks).c_str(), part_words(step.extra_peaks).c_str());
  }
  lines += baseline_line(choice);
  if (choice.baseline == Baseline::zero) return lines;
  lines += format("all of %s are worth %.4g to first order, the baseline itself %.4g\n",
                  step.layer.c_str(), step.total, step.value - step.total);
  if (step.positive == 0) {
    lines += format(
        "from this baseline nothing in %s supports the decision; give --baseline zero%s\n",
        step.layer.c_str(), choice.baseline == Baseline::mean ? " or --baseline means.h5" : "");
  }
  return lines;
}

std::string against_line(int32_t channel, const Decomposition& step) {
  const double alpha = step.contribution[channel];
  const double share = step.positive > 0 ? alpha / step.positive : 0;
  return format("− %s:%d  takes %.4g of %.4g  share %s  alpha %.4g", step.layer.c_str(), channel,
                -alpha * static_cast<double>(step.height * step.width), step.value,
                part_words(share).c_str(), alpha);
}

/// The lines of a tree, up to a number of them.
class Drawing {
 public:
  /// `against`: how many channels against each decision it shows, too.
  explicit Drawing(int64_t most, const ChannelConcepts* concepts = nullptr, int against = 0)
      : most_(most), against_(against), concepts_(concepts) {}

  void children(const TreeNode& node, const std::string& margin, int levels) {
    if (levels == 0) return;
    const std::vector<TreeNode>& children = node.children();
    const std::vector<int32_t> against = channels_against(node, against_);
    for (size_t i = 0; i < children.size() && drawn_ < most_; ++i) {
      const bool last = i + 1 == children.size() && against.empty();
      ++drawn_;
      text_ += margin + (last ? "└─ " : "├─ ") + evidence_line(children[i], *node.step, concepts_) +
               "\n";
      this->children(children[i], margin + (last ? "   " : "│  "), levels - 1);
    }
    if (drawn_ == most_) return;
    for (const int32_t channel : against) {
      text_ += margin + (channel == against.back() ? "└─ " : "├─ ") +
               against_line(channel, *node.step) + "\n";
    }
  }
  int64_t drawn() const { return drawn_; }
  const std::string& text() const { return text_; }

 private:
  int64_t most_, drawn_ = 0;
  int against_;
  const ChannelConcepts* concepts_;
  std::string text_;
};

}  // namespace

std::string scores_text(const std::vector<ClassScore>& scores) {
  std::string line;
  for (const ClassScore& score : scores) {
    line += format("%s%s %.1f %%", line.empty() ? "" : ", ", score.name.c_str(),
                   100.0 * score.probability);
  }
  return line;
}

std::string baseline_line(const BaselineChoice& choice) {
  switch (choice.baseline) {
    case Baseline::zero:
      return "";
    case Baseline::mean:
      return "counted from each channel's mean over its map: A = G x (F - mean)\n";
    case Baseline::data_set:
      return format("counted from each channel's mean of %lld images: A = G x (F - mean)\n",
                    static_cast<long long>(choice.means->images()));
  }
  throw Error("an unknown baseline");
}

std::string tree_text(const Tree& tree, int levels, int against) {
  std::string out =
      tree.of_class()
          ? format("%s (class %lld)  score %.4g  probability %.1f %%\n", tree.decision.name.c_str(),
                   static_cast<long long>(tree.decision.index), tree.decision.score,
                   100.0 * tree.decision.probability)
          : format("%s  F %.4g\n", tree.decision.name.c_str(), tree.root.value);
  if (tree.root.step) {
    out += step_lines(*tree.root.step, tree.baseline, tree.of_class() ? "score" : "value");
  }
  Drawing drawing(most_lines, tree.concepts.get(), against);
  drawing.children(tree.root, "", levels);
  out += drawing.text();
  NodeCount counter;
  const int all = std::numeric_limits<int>::max();
  const double shown = counter.below(tree.root, levels);
  const double deeper = counter.below(tree.root, all) - shown;
  const double more = shown - static_cast<double>(drawing.drawn());
  if (more > 0) {
    out += format("%.0f more nodes not shown after %lld lines (--json and tree.json have all)\n",
                  more, static_cast<long long>(drawing.drawn()));
  }
  if (deeper > 0) out += format("%.0f deeper nodes not shown (--show all)\n", deeper);
  return out + levels_text(tree);
}

std::string levels_text(const Tree& tree) {
  std::string out;
  for (const TreeLevel& level : tree.levels) {
    out += format("%s%s %s", out.empty() ? "reach through the chosen channels: " : ", ",
                  level.layer.c_str(), part_words(level.reach).c_str());
  }
  if (!out.empty()) out += "\n";
  for (const TreeLevel& level : tree.levels) {
    if (!level.surrogate) continue;
    const StageSurrogate& found = *level.surrogate;
    out += format("with these %lld channels of %s alone: %s %.1f %%",
                  static_cast<long long>(level.channels), level.layer.c_str(),
                  found.decision.name.c_str(), 100.0 * found.decision.probability);
    out += found.same
               ? std::string(", the same class\n")
               : format(", %s %.1f %%\n", tree.decision.name.c_str(), 100 * found.probability);
  }
  return out;
}

std::string step_text(const DecisionStep& step, int against) {
  const TreeNode& decision = step.decision;
  const std::string what =
      step.class_name.empty() ? place_of(decision) : "class " + step.class_name;
  std::string out = what + format("  F %.4g\n", decision.value);
  if (decision.step) {
    out += step_lines(*decision.step, step.baseline, step.class_name.empty() ? "value" : "score");
  }
  Drawing drawing(std::numeric_limits<int64_t>::max(), nullptr, against);
  drawing.children(decision, "", 1);
  return out + drawing.text();
}

}  // namespace hdecomp::tools
