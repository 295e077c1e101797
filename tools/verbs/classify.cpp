/// The verb classify: the top classes of one image, or one line per image of a list and the
/// accuracy.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "hdecomp/error.h"
#include "tools/console/complaint.h"
#include "tools/console/json_text.h"
#include "tools/console/progress.h"
#include "tools/console/standard_descriptors.h"
#include "tools/images/image_labels.h"
#include "tools/images/image_list.h"
#include "tools/images/photo_input.h"
#include "tools/images/skipped_images.h"
#include "tools/runs/session.h"
#include "tools/verbs.h"

namespace hdecomp::tools {
namespace {

using Json = nlohmann::ordered_json;

struct Totals {
  int64_t images = 0, labelled = 0, correct = 0;
  double load_ms = 0, decode_ms = 0, forward_ms = 0;
  TurnedPhotos turned;
};

Json to_object(const ListedImage& image, const std::vector<ClassScore>& scores) {
  Json result{{"image", image.shown}, {"top", Json::array()}};
  for (const ClassScore& score : scores) {
    result["top"].push_back({{"index", score.index},
                             {"name", score.name},
                             {"score", score.score},
                             {"probability", score.probability}});
  }
  if (image.label >= 0) result["label"] = image.label;
  return result;
}

std::vector<ClassScore> classify_one(Explainer& explainer, const CommonOptions& common,
                                     const ListedImage& image, int top, Totals& totals) {
  const Decoded decoded = read_photo(image.path, common, totals.turned);
  totals.decode_ms += decoded.ms;
  double forward_ms = 0;
  std::vector<ClassScore> scores = naming(
      photo_name(image.path), [&] { return explainer.classify(decoded.photo, top, &forward_ms); });
  totals.forward_ms += forward_ms;
  ++totals.images;
  if (image.label >= 0) {
    ++totals.labelled;
    totals.correct += scores.front().index == image.label ? 1 : 0;
  }
  return scores;
}

void print_one(const ListedImage& image, const std::vector<ClassScore>& scores) {
  std::printf("%s\n", one_line(image.shown).c_str());
  for (const ClassScore& score : scores) {
    std::printf("%6.2f %%  score %8.4f  %s (class %lld)\n", 100.0 * score.probability, score.score,
                score.name.c_str(), static_cast<long long>(score.index));
  }
}

void print_line(const ListedImage& image, const std::vector<ClassScore>& scores) {
  const ClassScore& best = scores.front();
  const char* mark = image.label < 0 ? "" : best.index == image.label ? "  right" : "  wrong";
  std::printf("%s  %s  %.2f %%%s\n", one_line(image.shown).c_str(), best.name.c_str(),
              100.0 * best.probability, mark);
}

void print_json(const Totals& totals, Json images, const SkippedImages& skipped) {
  Json result{{"images", std::move(images)}, {"skipped", skipped.to_json()}};
  if (totals.labelled > 0) {
    result["labelled"] = totals.labelled;
    result["correct"] = totals.correct;
    result["accuracy"] = static_cast<double>(totals.correct) / static_cast<double>(totals.labelled);
  }
  result["timings_ms"] = {
      {"load", totals.load_ms}, {"decode", totals.decode_ms}, {"forward", totals.forward_ms}};
  std::printf("%s\n", json_text(result).c_str());
}

void print_accuracy(const Totals& totals) {
  std::printf("top-1 accuracy %.2f %% (%lld of %lld)\n",
              100.0 * static_cast<double>(totals.correct) / static_cast<double>(totals.labelled),
              static_cast<long long>(totals.correct), static_cast<long long>(totals.labelled));
}

}  // namespace

void classify(const ClassifyOptions& options) {
  if (options.top < 1) throw UserError(joined("--top ", options.top, ": give at least 1 class"));
  std::vector<ListedImage> images = list_images(options.images);
  const bool single = !names_several(options.images);
  Session session = start(options.common, 1, images.size());
  session.explainer.model().require_classes();
  add_labels(options.labels, session.explainer.model(), images);
  keep_some(options.images, 0, images);
  Totals totals;
  totals.load_ms = session.load_ms;
  Json results = Json::array();
  SkippedImages skipped;
  {
    Progress progress("images", static_cast<int64_t>(images.size()));
    for (const ListedImage& image : images) {
      std::vector<ClassScore> scores;
      try {
        scores = classify_one(session.explainer, options.common, image, options.top, totals);
      } catch (const UserError& fault) {
        if (single) throw;
        progress.clear();
        skipped.add(image, fault.what());
        progress.step();
        continue;
      }
      progress.clear();
      if (options.common.json) {
        results.push_back(to_object(image, scores));
      } else {
        single ? print_one(image, scores) : print_line(image, scores);
        flush_output();
      }
      progress.step();
    }
  }
  if (options.common.json) {
    print_json(totals, std::move(results), skipped);
  } else if (totals.labelled > 0) {
    print_accuracy(totals);
  }
  skipped.finish(static_cast<size_t>(totals.images));
}

}  // namespace hdecomp::tools
