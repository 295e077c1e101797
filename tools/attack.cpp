/// Attacks as options, tables and files.
#include "tools/attack.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <limits>

#include "hdecomp/decode_ahead.h"
#include "hdecomp/experiment.h"
#include "tools/attack_story.h"
#include "tools/complaint.h"
#include "tools/page/report.h"
#include "tools/session.h"
#include "tools/tree_files.h"
#include "tools/turned_photos.h"

namespace hdecomp::tools {
namespace {

constexpr auto rank_count = static_cast<size_t>(attack_ranks);
constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// The mean of what is a number.
class Mean {
 public:
  void add(double value) {
    if (!std::isfinite(value)) return;
    sum_ += value;
    ++count_;
  }
  double value() const { return count_ > 0 ? sum_ / count_ : none; }
  double sum() const { return sum_; }

 private:
  double sum_ = 0, count_ = 0;
};

Mean mean_of(const ResultsFile& results, const std::string& field, size_t at) {
  const std::vector<float> values = results.values(field);
  const size_t size = values.size() / results.states().size();
  Mean mean;
  for (size_t i = at; i < values.size(); i += size) mean.add(values[i]);
  return mean;
}

/// Of a kind of channels over the images: the means of their peaks before and after, how often an
/// image's mean falls and rises, and how far they move.
struct Peaks {
  Mean before, after, falls, rises, moved, moves;
};

Peaks peaks_of(const ResultsFile& results, size_t kind) {
  const std::vector<float> peaks = results.values("peaks"), moved = results.values("moved");
  constexpr size_t kinds = std::size(attack_channels);
  Peaks all;
  for (size_t i = 0; i < results.states().size(); ++i) {
    Mean before, after;
    for (size_t k = 0; k < rank_count; ++k) {
      const size_t at = (i * kinds + kind) * rank_count + k;
      before.add(peaks[2 * at]);
      after.add(peaks[2 * at + 1]);
      all.moved.add(moved[at]);
      all.moves.add(std::isnan(moved[at]) ? none : moved[at] > 0);
    }
    all.before.add(before.value());
    all.after.add(after.value());
    const double change = after.value() - before.value();
    all.falls.add(std::isnan(change) ? none : change < 0);
    all.rises.add(std::isnan(change) ? none : change > 0);
  }
  return all;
}

/// One image's attack, into its folder.
class AttackFolder {
 public:
  AttackFolder(const ExperimentCommandOptions& options, Explainer& explainer, const Image& photo,
               const AttackStory& story, std::shared_ptr<const ChannelConcepts> concepts)
      : options_(options),
        model_(explainer.model()),
        photo_(photo),
        story_(story),
        concepts_(std::move(concepts)) {
    ExplainOptions question{{}, options.top, 0, true};
    question.concepts = concepts_;
    before_ = tree_of(explainer, photo, story.attacked.before, question);
    after_ = tree_of(explainer, story.attacked.image, story.attacked.new_after, question);
  }

  /// All at once. Returns what was written, in words.
  std::string write() {
    OutputFolder folder(options_.output_dir);
    const Image& image = story_.attacked.image;
    save_png_of_16_bits(image.planes, image.height, image.width, folder.staged("adversarial.png"));
    SaliencyMap planes;  // as an array alone
    planes.channels = Image::channels, planes.height = image.height, planes.width = image.width;
    planes.values = image.planes;
    save_saliencies({&planes, 1}, folder.staged("adversarial.npy"));
    stage_tree(before_, options_.common, folder, "before", photo_, model_);
    stage_tree(after_, options_.common, folder, "after", image, model_);
    folder.write_text("report.html", [&](const TextSink& sink) { write_page(sink); });
    folder.commit_in_place_of_earlier();
    return joined("adversarial.png, adversarial.npy, report.html", before_ ? ", before/" : "",
                  after_ ? ", after/" : "");
  }

 private:
  void write_page(const TextSink& sink) const {
    const std::string name =
        std::filesystem::path(options_.images.images.front()).filename().string();
    const std::vector<ComparedPage> pages =
        compared_pages({{before_, photo_, name + ", before"},
                        {after_, story_.attacked.image, name + ", attacked"}},
                       model_, options_.top);
    write_comparison(joined(name, ", attacked"), attack_lines(story_), model_, pages, sink,
                     [&](JsonWriter& json) {
                       json.key("attack");
                       json.begin_object();
                       put_attack(json, story_, concepts_.get());
                       json.end();
                     });
  }

  const ExperimentCommandOptions& options_;
  const Model& model_;
  const Image& photo_;
  const AttackStory& story_;
  std::shared_ptr<const ChannelConcepts> concepts_;
  std::optional<Tree> before_, after_;  // of the attacked class; of the new one
};

}  // namespace

AttackOptions attack_options(const ExperimentCommandOptions& options) {
  AttackOptions attack;
  attack.target = options.target;
  attack.aim = options.aim;
  attack.eps = share_of_range("--eps", options.eps);
  attack.steps = options.steps;
  if (!options.step.empty()) attack.step = share_of_range("--step", options.step);
  attack.restarts = options.restarts;
  attack.random_start = options.start == "random";
  attack.seed = options.seed;
  check_attack(attack);
  return attack;
}

Table attacks(const ResultsFile& results) {
  Table table{{"mean over images", "before", "after", "share", "places moved", "share that moves"},
              {}};
  const auto add = [&](const std::string& name, std::vector<std::string> cells) {
    cells.insert(cells.begin(), name);
    cells.resize(table.header.size());
    table.rows.push_back(std::move(cells));
  };
  const Mean right = mean_of(results, "right", 0), fooled = mean_of(results, "fooled", 0);
  add("attacked, of all measured", {"", cell(right.sum(), 0), cell(right.value())});
  add("fooled, of those", {"", cell(fooled.sum(), 0), cell(fooled.value())});
  const auto pair = [&](const std::string& name, const std::string& field, size_t first) {
    add(name, {cell(mean_of(results, field, first).value()),
               cell(mean_of(results, field, first + 1).value())});
  };
  add("the pixel that went furthest", {"", cell(mean_of(results, "distance", 0).value(), 5)});
  pair("cross entropy", "loss", 0);
  pair("probability of the attacked class", "probability", 0);
  pair("probability of the new class", "probability", 2);
  for (size_t kind = 0; kind < std::size(attack_channels); ++kind) {
    const Peaks peaks = peaks_of(results, kind);
    add(joined("peaks in ", attack_channels[kind], ", ", kind == 0 ? "fall" : "rise"),
        {cell(peaks.before.value()), cell(peaks.after.value()),
         cell(kind == 0 ? peaks.falls.value() : peaks.rises.value()), cell(peaks.moved.value(), 2),
         cell(peaks.moves.value())});
  }
  return table;
}

Table attacked_channels(const ResultsFile& results, const Model& model) {
  Table table{{"image", "class", "new class", "channels", "rank", "channel", "peak before",
               "peak after", "places moved"},
              {}};
  const std::vector<float> channels = results.values("channels"), peaks = results.values("peaks"),
                           moved = results.values("moved"), now = results.values("new_class");
  const std::vector<float> own = results.values("decision_class");
  constexpr size_t per_image = std::size(attack_channels) * rank_count;
  for (size_t at = 0; at < channels.size(); ++at) {
    if (std::isnan(channels[at])) continue;
    const size_t i = at / per_image;
    table.rows.push_back({results.plan().images[i], model.class_name(static_cast<int64_t>(own[i])),
                          model.class_name(static_cast<int64_t>(now[i])),
                          attack_channels[at % per_image / rank_count], joined(at % rank_count + 1),
                          cell(channels[at], 0), cell(peaks[2 * at], 4), cell(peaks[2 * at + 1], 4),
                          cell(moved[at], 2)});
  }
  return table;
}

void write_attack(const ExperimentCommandOptions& options, const ResultsFile& results,
                  const std::shared_ptr<const ChannelConcepts>& concepts) {
  if (results.values("right").front() != 1) {
    return complain(
        "the image was not attacked: the class is not the network's, or is --target's "
        "already; nothing was written to " +
        options.output_dir);
  }
  AttackOptions question = attack_options(options);  // --class label: the image's own
  question.target =
      joined("index:", static_cast<int64_t>(results.values("decision_class").front()));
  const Image photo = decode(options.images.images.front(), turning(options.common)).photo;
  Session session = start(options.common);
  Explainer& explainer = session.explainer;
  const AttackStory story = naming(options.images.images.front(),
                                   [&] { return attack_story(explainer, photo, question); });
  const std::string wrote = AttackFolder(options, explainer, photo, story, concepts).write();
  if (options.common.json) return;
  const Attacked& attacked = story.attacked;
  std::printf("%s %.1f %% -> %s %.1f %%; wrote %s to %s%s\n", attacked.before.name.c_str(),
              100 * attacked.before.probability, attacked.new_after.name.c_str(),
              100 * attacked.new_after.probability, wrote.c_str(), options.output_dir.c_str(),
              attacked.fooled && !attacked.fooled_in_8_bits
                  ? "; rounded to 8 bits the picture is no attack any more"
                  : "");
}

}  // namespace hdecomp::tools
