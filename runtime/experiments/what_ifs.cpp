/// Fig. 11 over many images: what the network says without the pixels that a channel looks at, or
/// with channels off, beside changes of chance.
#include <optional>

#include "hdecomp/error.h"
#include "hdecomp/region.h"
#include "nets/layer_names.h"
#include "runtime/experiments/image_measure.h"
#include "runtime/experiments/what_ifs_row.h"
#include "runtime/explain/decide.h"
#include "runtime/explain/what_if_changes.h"
#include "runtime/explain/what_if_verdicts.h"
#include "runtime/network/receptive_fields.h"
#include "runtime/tree/evidence.h"
#include "runtime/tree/overlap.h"

namespace hdecomp {
namespace {

class WhatIfs final : public ImageMeasure {
 public:
  WhatIfs(NetworkRunner& network, const std::vector<int>& levels, const ExperimentOptions& options)
      : change_(options.change),
        fill_(options.fill),
        means_(options.means),
        asked_{{}, change_.controls, options.seed},
        threshold_(options.overlaps.mask_threshold),
        rule_(network.model.preprocess()),
        level_(levels.front()) {
    check_question(network.model, asked_);
    check_off();
    const Graph& graph = network.graph();
    if (!change_.off.empty()) {
      if (change_.off != "top") off_ = off_nodes(graph, channels_off(change_.off));
    } else if (change_.at != "top") {
      const NodeName name = node_name(change_.at);
      if (name.has_place) refuse_at("a place is one photograph's; give LAYER:CHANNEL");
      level_ = find_layer(graph, name.layer);
      if (level_ == 0 || level_ >= graph.scores()) refuse_at("give a layer below the class scores");
      const int64_t channels = graph.shapes[level_].channels;
      if (name.channel < 0 || name.channel >= channels) {
        refuse_at(joined("layer ", name.layer, " has no channel ", name.channel,
                         "; its channels are 0 to ", channels - 1));
      }
      channel_ = static_cast<int32_t>(name.channel);
    }
    if (change_.off.empty() && change_.field) fields_.emplace(graph, level_);
  }

  std::vector<ResultField> fields() const override { return WhatIfsRow::fields(); }

  std::string definition() const override {
    const std::string left =
        change_.failures ? "; an image whose most probable class is its label is left as it "
                           "is"
                         : "";
    if (!change_.off.empty()) {
      return joined("each image's scores with channels set to the fill over their whole map (",
                    change_.off == "top" ? "that of the last stage with the largest alpha above 0"
                                         : change_.off,
                    "), and as many others of the same layers by chance, ", change_.controls,
                    " times", left);
    }
    return joined("each image again with the pixels filled that a channel looks at (",
                  change_.at == "top" ? "that of the last stage with the largest alpha above 0"
                                      : change_.at + ", A of the class itself",
                  "): ", change_.field ? "the receptive field of A's peak" : mask_words(threshold_),
                  "; and with as many pixels in boxes at places of chance, ", change_.controls,
                  " times", left);
  }

  std::vector<std::vector<float>> rows(NetworkRunner& network,
                                       std::span<const MeasuredImage> images) override {
    std::vector<WhatIfsRow> rows;
    std::vector<Asked> asked;
    for (const MeasuredImage& one : images) {
      Verdict before = verdict_of(network.scores(), one.image, one.decision.index, all_classes);
      rows.emplace_back().put_before(before, one.label);
      if (change_.failures && before.predicted().index == one.label) continue;
      asked.push_back({&one, rows.size() - 1, std::move(before), {}, {}, {}});
    }
    if (off_.empty()) look(network, asked);
    for (Asked& one : asked) {
      if (!off_.empty()) one.off = off_;
      if (one.off.empty() && sees_nothing_of(one)) continue;  // nothing to change
      try {
        put(rows[one.row], one, answer(network, one));
      } catch (const ImageError&) {
        // The network overflows on what is changed: the row has nothing of after.
      }
    }
    std::vector<std::vector<float>> taken;
    for (WhatIfsRow& row : rows) taken.push_back(row.take());
    return taken;
  }

 private:
  /// An image that is changed, by which channel, and what of it.
  struct Asked {
    const MeasuredImage* image;
    size_t row;
    Verdict before;
    std::optional<int32_t> channel;
    PhotoRegion region;
    std::vector<OffNode> off;
  };

  /// Throws UserError for what is said of pixels where channels are switched off.
  void check_off() const {
    if (change_.off.empty()) return;
    const char* const unused = change_.field                                   ? "region"
                               : threshold_ != OverlapOptions().mask_threshold ? "mask_threshold"
                                                                               : nullptr;
    if (unused == nullptr) return;
    throw UserError(joined(unused, ": is of the pixels of --at; leave it out with --off"));
  }

  [[noreturn]] void refuse_at(const std::string& why) const {
    throw UserError(joined("--at ", change_.at, ": ", why));
  }

  /// What each image's channel is to the class, all together; the features are theirs.
  void look(NetworkRunner& network, std::vector<Asked>& asked) const {
    if (asked.empty()) return;
    GapQuestion question{network.graph().scores(), level_, 1, change_.off.empty()};
    if (channel_) question.channels = {*channel_};
    std::vector<ValuedNeuron> roots;
    for (const Asked& one : asked) {
      roots.push_back(root_of(one.before.decision, one.image->image));
    }
    const std::vector<GapStep> steps = gap_steps(network.windows, question, roots);
    for (size_t i = 0; i < asked.size(); ++i) {
      const std::vector<TreeNode> nodes = evidence(steps[i]);
      if (nodes.empty() || !(nodes.front().peak > 0)) continue;  // no A is above 0
      asked[i].channel = static_cast<int32_t>(nodes.front().channel);
      if (change_.off.empty()) {
        asked[i].region = region_of(asked[i].image->photo, nodes.front());
      } else {
        asked[i].off = {{level_, {*asked[i].channel}}};
      }
    }
  }

  PhotoRegion region_of(const Image& photo, const TreeNode& node) const {
    if (fields_) {
      const PixelRectangle field = fields_->at(node.y, node.x);
      return {box_of_input(photo, rule_, field.y, field.x, field.height, field.width), {}};
    }
    return region_of_map(photo, rule_, *node.map, threshold_);
  }

  bool sees_nothing_of(const Asked& one) const {
    if (one.region.box.width == 0) return true;
    return part_inside(one.region, seen_of(one.image->photo, rule_)).box.width == 0;
  }

  WhatIf answer(NetworkRunner& network, Asked& one) const {
    const Image& photo = one.image->photo;
    if (!one.off.empty()) {
      return what_if_off(network, one.image->image, photo, one.off, fill_, means_, asked_,
                         std::move(one.before));
    }
    return what_if_filled(network, PixelFiller(photo, change_.pixels), one.region, asked_,
                          std::move(one.before));
  }

  void put(WhatIfsRow& row, const Asked& one, const WhatIf& says) const {
    const int32_t label = one.image->label;
    if (one.channel) row.put_channel(*one.channel);
    if (!off_.empty()) row.put_channel(off_.front().channels.front());
    row.put_after(says.after, label);
    if (one.off.empty()) {
      const PhotoBox seen = seen_of(one.image->photo, rule_);
      row.put_filled(static_cast<double>(says.seen.pixels()) /
                     static_cast<double>(seen.width * seen.height));
    }
    row.put_chance(says, label);
  }

  ChangeOptions change_;
  AblationFill fill_;
  std::shared_ptr<const ChannelMeans> means_;
  WhatIfOptions asked_;
  double threshold_;
  Preprocess rule_;
  int level_;  // of the channel that is looked for; else the last stage's end
  std::optional<ReceptiveFields> fields_;  // of its level, where they are what is filled
  std::optional<int32_t> channel_;         // it; else the one that supports the class most
  std::vector<OffNode> off_;               // channels of every image
};

}  // namespace

std::unique_ptr<ImageMeasure> make_what_ifs(NetworkRunner& network, const std::vector<int>& levels,
                                            const ExperimentOptions& options) {
  return std::make_unique<WhatIfs>(network, levels, options);
}

}  // namespace hdecomp
