/// Attacks as options and files.
#include "tools/verbs/attack.h"

#include <cstdio>
#include <filesystem>

#include "hdecomp/decode_ahead.h"
#include "hdecomp/experiment.h"
#include "tools/console/complaint.h"
#include "tools/images/turned_photos.h"
#include "tools/page/report.h"
#include "tools/runs/session.h"
#include "tools/trees/attack_story.h"
#include "tools/trees/tree_files.h"

namespace hdecomp::tools {
namespace {

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

void write_attack(const ExperimentCommandOptions& options, const ResultsFile& results,
                  const Model& model, const std::shared_ptr<const ChannelConcepts>& concepts) {
  if (results.values("right").front() != 1) {
    return complain(
        "the image was not attacked: the class is not the network's, or is --target's "
        "already; nothing was written to " +
        options.output_dir);
  }
  AttackOptions question = attack_options(options);  // --class label: the image's own
  question.target =
      joined("index:", results.index_in("decision_class", results.values("decision_class").front(),
                                        0, model.class_count() - 1));
  const Image photo = decode(options.images.images.front(), turning(options.common)).photo;
  const CommonOptions& common = options.common;
  Explainer explainer(model, {common.device, common.threads, 1, common.precision, true});
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
