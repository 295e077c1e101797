/// what-if for the terminal: classes side by side, the control beside them.
#include "tools/console/complaint.h"
#include "tools/tables/table.h"
#include "tools/trees/what_if_result.h"

namespace hdecomp::tools {
namespace {

constexpr size_t most_named = 8;  // channels

std::string off_text(const std::vector<FilledLayer>& off) {
  std::string list;
  size_t named = 0, left = 0;
  for (const FilledLayer& layer : off) {
    for (const int32_t channel : layer.channels) {
      if (named++ < most_named) {
        list += joined(list.empty() ? "" : ", ", layer.layer, ":", channel);
      } else {
        ++left;
      }
    }
  }
  return left == 0 ? list : joined(list, " and ", left, " more");
}

std::string fill_name(const Fill& fill) {
  if (fill.fill == AblationFill::zero) return "0";
  if (fill.fill == AblationFill::mean) return "the mean of its map";
  return joined("its mean of ", fill.means->images(), " images");
}

std::string signed_points(double change) {
  return joined(change < 0 ? "" : "+", cell(100 * change, 1));
}

Table classes_table(const WhatIfResult& result) {
  Table table{{"class", "before", "after", "points", "score before", "after"}, {}};
  for (const auto& [before, after] : class_changes(result.says.before, result.says.after)) {
    table.rows.push_back({before.name, percent(before.probability), percent(after.probability),
                          signed_points(double{after.probability} - before.probability),
                          cell(before.score, 2), cell(after.score, 2)});
  }
  return table;
}

std::string box_text(const PhotoBox& box) {
  return joined(box.x, ",", box.y, ",", box.width, ",", box.height);
}

std::string what_controls_are(const WhatIfResult& result) {
  const WhatIf& says = result.says;
  const auto count = static_cast<int64_t>(says.controls.size());
  if (result.change.of_pixels) {
    if (count == 0) return "no boxes of chance (--controls 0)";
    const PhotoBox& box = says.control_boxes.front();
    return joined(count, count == 1 ? " box" : " boxes", " of ", box.width, " x ", box.height,
                  " at places of chance");
  }
  if (count == 0) return "no other channels (--controls 0)";
  size_t off = 0, others = 0;
  for (const FilledLayer& layer : says.off) off += layer.channels.size();
  for (const FilledLayer& layer : says.control_channels.front()) others += layer.channels.size();
  return joined(count, " times ", others, others == 1 ? " other channel" : " other channels",
                others < off ? ", all that there are," : "", " of the same layer",
                says.off.size() > 1 ? "s" : "");
}

}  // namespace

std::string change_text(const WhatIfResult& result) {
  const Change& change = result.change;
  if (!change.of_pixels) {
    return joined(off_text(result.says.off), " off (set to ", fill_name(change.channels), ")");
  }
  const EvidenceRegion& evidence = *change.of_pixels;
  const std::string box = box_text(evidence.region.box);
  std::string what = joined("box ", box);
  if (change.kind == "field") what = joined("the receptive field of ", evidence.node);
  if (change.kind == "mask") what = joined("the mask of ", evidence.node);
  if (change.kind != "box") what += joined(" (in box ", box, ")");
  return joined(what, " filled with ", region_fills[static_cast<size_t>(change.pixels)]);
}

std::string control_text(const WhatIfResult& result) {
  const ControlSummary chance = summary_of(result.says);
  std::string line = joined("control: ", what_controls_are(result));
  if (chance.controls == 0) return line;
  const bool rises = result.says.after.decision.score >= result.says.before.decision.score;
  return line + joined(" (seed ", result.seed, "): the class changes in ", chance.class_changes,
                       " of ", chance.controls, "; ", result.says.before.decision.name,
                       " changes by ", signed_points(chance.mean_change), " points on average (",
                       signed_points(chance.least_change), " to ",
                       signed_points(chance.most_change), "), its score by ",
                       cell(chance.mean_score_change, 2), "; it ",
                       rises ? "rises as high" : "falls as low", " as here in ",
                       rises ? chance.as_high : chance.as_low);
}

std::vector<std::string> what_if_lines(const WhatIfResult& result) {
  return {change_text(result), verdict_line(result.says.before, result.says.after),
          control_text(result)};
}

std::string what_if_text(const WhatIfResult& result, int levels) {
  const WhatIf& says = result.says;
  std::string text = joined(one_line(result.image), ": ", change_text(result), "\n");
  if (result.change.of_pixels) {
    const EvidenceRegion& evidence = *result.change.of_pixels;
    text += joined("of the photograph's ", result.width, " x ", result.height, " pixels ",
                   evidence.region.pixels(), " are filled, ", says.seen.pixels(),
                   " of them where the network looks\n");
    if (!evidence.in_tree) {
      text +=
          joined("the tree has no such node",
                 evidence.counted ? ": the channel is counted straight from the class" : "", "\n");
    }
  }
  text += verdict_line(says.before, says.after) + "\n\n";
  text += to_columns(classes_table(result)) + "\n" + control_text(result) + "\n\n";
  return text + tree_pair_text(result, levels);
}

}  // namespace hdecomp::tools
