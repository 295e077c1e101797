/// Attacks, what-ifs and runs over many images tell how far they are, end when they are asked to,
/// and can be used on.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "hdecomp/hdecomp.h"
#include "tests/support/bundled_photos.h"
#include "tests/support/places.h"
#include "tests/support/temporary_files.h"

namespace hdecomp {
namespace {

using testing_models::bundled_photo;
using Told = std::vector<std::pair<int64_t, int64_t>>;

/// Calls `work` with a function that takes down what it is told and asks for the end at `last`.
template <class Work>
Told stopped_at(int64_t last, const Work& work) {
  Told told;
  std::stop_source source;
  EXPECT_THROW(work(source.get_token(),
                    [&](int64_t done, int64_t of) {
                      told.emplace_back(done, of);
                      if (done == last) source.request_stop();
                    }),
               Stopped);
  return told;
}

TEST(LongCalls, AnAttackTellsOfItsStepsAndEnds) {
  Explainer explainer(Model::bundled("vgg16-slim"), {"cpu"});
  const Image photo = bundled_photo("portrait.jpg");
  AttackOptions options;
  options.steps = 3;
  options.restarts = 2;
  Told told;
  options.after_step = [&](int64_t done, int64_t of) { told.emplace_back(done, of); };
  const Attacked whole = explainer.attack_batch({&photo, 1}, options).front();
  EXPECT_EQ(told, (Told{{1, 6}, {2, 6}, {3, 6}, {4, 6}, {5, 6}, {6, 6}}));
  const Told until = stopped_at(4, [&](const std::stop_token& stop, auto tell) {
    options.stop = stop;
    options.after_step = tell;
    explainer.attack_batch({&photo, 1}, options);
  });
  EXPECT_EQ(until.back(), std::pair(int64_t{4}, int64_t{6}));
  options.stop = {};
  options.after_step = {};
  EXPECT_EQ(explainer.attack_batch({&photo, 1}, options).front().image.planes, whole.image.planes);
}

TEST(LongCalls, AWhatIfTellsOfItsBatchesAndEnds) {
  Explainer explainer(Model::bundled("vgg16-slim"), {.device = "cpu", .batch = 2});
  const Image photo = bundled_photo("portrait.jpg");
  WhatIfOptions options;
  options.controls = 4;
  Told told;
  options.after_batch = [&](int64_t done, int64_t of) { told.emplace_back(done, of); };
  const PhotoRegion box{{100, 100, 60, 60}, {}};
  explainer.what_if(photo, box, RegionFill::grey, options);
  EXPECT_EQ(told, (Told{{2, 5}, {4, 5}, {5, 5}}));
  const Told until = stopped_at(2, [&](const std::stop_token& stop, auto tell) {
    options.stop = stop;
    options.after_batch = tell;
    explainer.what_if(photo, box, RegionFill::grey, options);
  });
  EXPECT_EQ(until, (Told{{2, 5}}));
  const std::vector<FilledLayer> off = channels_off("conv5_3:70");
  EXPECT_THROW(explainer.what_if(photo, off, AblationFill::zero, {}, options), Stopped);
  options.stop = {};
  told.clear();
  options.after_batch = [&](int64_t done, int64_t of) { told.emplace_back(done, of); };
  explainer.what_if(photo, off, AblationFill::zero, {}, options);
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.back(), std::pair(int64_t{5}, int64_t{5}));
}

TEST(LongCalls, AnAblationTellsOfItsBatchesAndEnds) {
  Explainer explainer(Model::bundled(), {"cpu"});
  const Image photo = bundled_photo("chelsea.jpg");
  for (const AblationMethod method : {AblationMethod::fast, AblationMethod::naive}) {
    AblationOptions options;
    options.method = method;
    Told told;
    options.after_batch = [&](int64_t done, int64_t of) { told.emplace_back(done, of); };
    const auto ask = [&] {
      return explainer.ablate(photo, "class:Egyptian cat", "conv1", options).drops;
    };
    const std::vector<float> whole = ask();
    ASSERT_GT(told.size(), 1u);  // maps of 64 x 111 x 111
    EXPECT_TRUE(std::ranges::is_sorted(told));
    EXPECT_EQ(told.back(), std::pair(std::ssize(whole), std::ssize(whole)));
    const int64_t first = told.front().first;
    const Told until = stopped_at(first, [&](const std::stop_token& stop, auto tell) {
      options.stop = stop;
      options.after_batch = tell;
      ask();
    });
    EXPECT_EQ(until, (Told{told.front()}));
    options.stop = {};
    options.after_batch = {};
    EXPECT_EQ(ask(), whole);
  }
}

/// A run over three photographs in a file of its own; nobody is told of what is skipped.
struct PccRun {
  explicit PccRun(const std::string& suffix)
      : model(Model::bundled("vgg16-slim")),
        experiment(model, {"cpu"}, {.kind = ExperimentKind::pcc}),
        path(file_testing::temporary_path(suffix)) {
    for (const char* name : {"portrait.jpg", "chelsea.jpg", "coffee.jpg"}) {
      run.paths.push_back(photo_path(name));
    }
    run.labels = {-1, -1, -1};
    plan = experiment.plan();
    plan.model = "none";
    plan.images = run.paths;
    plan.labels = run.labels;
  }

  Model model;
  Experiment experiment;
  std::string path;
  DatasetRun run;
  ResultsPlan plan;
  Ranks& ranks() {
    static Ranks one;
    return one;
  }
};

TEST(LongCalls, ARunOverImagesEndsAndGoesOn) {
  PccRun part(".h5"), whole("_whole.h5");
  ResultsFile all = ResultsFile::create(whole.path, whole.plan);
  run_dataset(whole.experiment, &all, whole.ranks(), whole.run);
  {
    ResultsFile results = ResultsFile::create(part.path, part.plan);
    const Told until = stopped_at(1, [&](const std::stop_token& stop, auto tell) {
      part.run.stop = stop;
      part.run.progress = tell;
      run_dataset(part.experiment, &results, part.ranks(), part.run);
    });
    EXPECT_EQ(until, (Told{{1, 3}}));
    EXPECT_EQ(results.count(ImageState::measured), 1);
  }
  part.run.stop = {};
  part.run.progress = {};
  ResultsFile results = ResultsFile::resume(part.path, part.plan);
  run_dataset(part.experiment, &results, part.ranks(), part.run);
  EXPECT_EQ(results.count(ImageState::measured), 3);
  EXPECT_EQ(results.values("correlation"), all.values("correlation"));
}

}  // namespace
}  // namespace hdecomp
