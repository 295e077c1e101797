/// A run for channels' names: killed anywhere and gone on with, it finds the same.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include "hdecomp/concept_search.h"
#include "hdecomp/error.h"
#include "hdecomp/image.h"
#include "tests/support/hostile_files.h"
#include "tests/support/image_bytes.h"
#include "tests/support/places.h"
#include "tests/support/temporary_files.h"
#include "weights/file/fnv1a.h"

namespace hdecomp {
namespace {

using namespace file_testing;

/// A process that dies.
struct Killed {};

class ConceptRuns : public ::testing::Test {
 protected:
  ConceptRuns() {
    for (const std::string name : {"portrait", "coffee", "chelsea"}) {
      photos_.push_back(photo_path(name + std::string(".jpg")));
      const Image picture = Image::load(photos_.back());
      Bytes rows;
      for (int64_t y = 0; y < picture.height; ++y) {
        rows.push_back(0);
        const auto bytes = static_cast<size_t>((picture.width + 7) / 8);
        rows.insert(rows.end(), bytes, y < picture.height / 2 ? 0xff : 0);  // a bit a pixel
      }
      regions_.push_back(folder_ + "/" + name + ".png");
      write_bytes(regions_.back(), png(static_cast<uint32_t>(picture.width),
                                       static_cast<uint32_t>(picture.height), 1, 0, rows));
    }
    write_bytes(folder_ + "/names.txt", ascii("below\nabove\n"));
  }

  ConceptSearch search() const {
    return ConceptSearch(Model::bundled("vgg16-slim"), {.device = "cpu", .batch = 1},
                         {{"conv5_3", "conv4_3"}, 0.1, 0.04},
                         RegionLabels::open(folder_, folder_ + "/names.txt", RegionKind::any, 0));
  }

  DatasetRun run_over(const std::vector<std::string>& photos, int& left) const {
    DatasetRun run;
    run.paths = photos;
    run.labels.assign(photos.size(), -1);
    run.regions = regions_;
    run.skipped = [](int64_t, const std::string&) {};
    run.progress = [&left](int64_t, int64_t) {
      if (left-- == 0) throw Killed();
    };
    return run;
  }

  /// Until the end, or until one more batch than this is done. Whether it came to the end.
  bool go(const std::string& name, bool resume, int batches = 1000,
          std::vector<std::string> photos = {}) const {
    if (photos.empty()) photos = photos_;
    const Ranks ranks;
    ConceptSearch looking = search();
    try {
      ConceptRun run(looking, ranks, {path(name), resume, 0}, {{"the plan", "this"}}, 3);
      while (run.next()) run.go_over(run_over(photos, batches));
      skipped_ = run.finish("00ff");
    } catch (const Killed&) {
      return false;
    }
    return true;
  }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  std::string folder_ = empty_folder();
  std::vector<std::string> photos_, regions_;
  mutable int64_t skipped_ = 0;
};

TEST_F(ConceptRuns, KilledAnywhereTheyGoOn) {
  ASSERT_TRUE(go("whole.h5", false));
  const auto whole = read_bytes(path("whole.h5"));
  EXPECT_FALSE(std::filesystem::exists(path("whole.h5.partial")));
  for (int batches = 0; batches < 6; ++batches) {  // three in each of the two times
    ASSERT_FALSE(go("killed.h5", false, batches)) << batches;
    EXPECT_FALSE(std::filesystem::exists(path("killed.h5")));
    int lives = 0;
    while (lives < 10 && !go("killed.h5", true, 0)) ++lives;  // and killed again after each batch
    EXPECT_EQ(lives, 5 - batches);
    EXPECT_EQ(read_bytes(path("killed.h5")), whole) << batches;
    std::filesystem::remove(path("killed.h5"));
  }
}

/// Two searches that share the images find what one finds.
TEST_F(ConceptRuns, CountsAddUp) {
  ConceptSearch all = search(), one = search(), other = search();
  std::vector<Image> images;
  for (const std::string& photo : photos_) images.push_back(Image::load(photo));
  const auto add = [&](ConceptSearch& to, size_t i) {
    EXPECT_EQ(to.add({&images[i], 1}, {&regions_[i], 1}).front(), "");
  };
  for (const bool second : {false, true}) {
    for (size_t i = 0; i < 3; ++i) {
      add(all, i);
      add(i == 1 ? one : other, i);
    }
    one.add_counts(other.take_counts());
    EXPECT_EQ(one.counts(), all.counts());
    if (second) break;
    const std::vector<uint8_t> thresholds = one.thresholds();
    EXPECT_EQ(thresholds, all.thresholds());
    for (ConceptSearch* each : {&all, &one, &other}) each->begin_overlaps(thresholds);
  }
  one.save(path("one.h5"), "00ff");
  all.save(path("all.h5"), "00ff");
  EXPECT_EQ(read_bytes(path("one.h5")), read_bytes(path("all.h5")));
  EXPECT_THROW(all.add_counts(std::vector<uint8_t>(8)), Error);
}

TEST_F(ConceptRuns, WhatCannotBeReadIsTriedAgainTheFirstTime) {
  std::vector<std::string> bad = photos_;
  bad[1] = path("none.jpg");
  ASSERT_FALSE(go("a.h5", false, 1, bad));
  ASSERT_TRUE(go("a.h5", true));
  EXPECT_EQ(skipped_, 0);
  ASSERT_TRUE(go("b.h5", false));
  EXPECT_EQ(read_bytes(path("a.h5")), read_bytes(path("b.h5")));
  ASSERT_TRUE(go("c.h5", false, 1000, bad));
  EXPECT_EQ(skipped_, 1);
}

TEST_F(ConceptRuns, WhatAnotherRunLeftIsRefused) {
  ASSERT_FALSE(go("a.h5", false, 1));
  const auto refusal = [&](const std::string& plan, bool resume) {
    const Ranks ranks;
    ConceptSearch looking = search();
    return error_line([&] {
      ConceptRun(looking, ranks, {path("a.h5"), resume, 0}, {{"the plan", plan}}, 3);
    });
  };
  expect_line(refusal("this", false), "an earlier run's; give --resume to go on with it");
  expect_line(refusal("that", true), "cannot go on: the plan is 'this' in the file and 'that' in");
  Bytes partial = read_bytes(path("a.h5.partial"));
  partial[partial.size() / 2] ^= 1;
  write_bytes(path("a.h5.partial"), partial);
  expect_line(refusal("this", true), "is nothing that a run of concepts left; remove it");
}

TEST_F(ConceptRuns, OneAtATimeHasAFile) {
  const Ranks ranks;
  const auto refusal = [&] {
    ConceptSearch looking = search();
    return error_line([&] {
      ConceptRun(looking, ranks, {path("a.h5"), true, 0}, {{"the plan", "this"}}, 3);
    });
  };
  const std::string line = path("a.h5.partial") + ": another run writes to it";
  ConceptSearch looking = search();
  {
    ConceptRun run(looking, ranks, {path("a.h5"), false, 0}, {{"the plan", "this"}}, 3);
    EXPECT_EQ(refusal(), line);
    int batches = 1;
    ASSERT_TRUE(run.next());
    EXPECT_THROW(run.go_over(run_over(photos_, batches)), Killed);
    EXPECT_EQ(refusal(), line);  // what was kept since is locked, too
  }
  EXPECT_TRUE(go("a.h5", true));
}

/// Whole by its checksum, and yet not what this run would leave.
TEST_F(ConceptRuns, WhatDoesNotFitTheRunIsRefused) {
  ASSERT_FALSE(go("a.h5", false, 1));
  const auto refusal = [&](size_t images) {
    const Ranks ranks;
    ConceptSearch looking = search();
    return error_line([&] {
      ConceptRun(looking, ranks, {path("a.h5"), true, 0}, {{"the plan", "this"}}, images);
    });
  };
  expect_line(refusal(4), "is not as this run would leave it; remove it");
  Bytes partial = read_bytes(path("a.h5.partial"));
  const auto head = static_cast<ptrdiff_t>(std::string("hdecomp-concepts-partial 1\n").size());
  const auto write_checked = [&] {
    const uint64_t checksum =
        fnv1a(std::span(partial).subspan(static_cast<size_t>(head) + sizeof(uint64_t)));
    std::memcpy(partial.data() + head, &checksum, sizeof checksum);
    write_bytes(path("a.h5.partial"), partial);
  };
  const uint8_t more[] = {0};
  partial.insert(partial.end(), std::begin(more), std::end(more));
  write_checked();
  expect_line(refusal(3), "is not as this run would leave it; remove it");
  partial.resize(partial.size() - 9);
  write_checked();
  expect_line(refusal(3), path("a.h5.partial") + ": packed values came cut short: it is damaged");
}

/// Nobody need be told.
TEST_F(ConceptRuns, WithoutWordsForWhatIsSkipped) {
  const Ranks ranks;
  ConceptSearch looking = search();
  ConceptRun run(looking, ranks, {path("a.h5"), false}, {{"the plan", "this"}}, 3);
  DatasetRun silent;
  silent.paths = photos_;
  silent.paths[1] = path("none.jpg");
  silent.labels.assign(3, -1);
  silent.regions = regions_;
  while (run.next()) run.go_over(silent);
  EXPECT_EQ(run.finish("00ff"), 1);
}

TEST_F(ConceptRuns, OfNoImageNothingStays) {
  const std::vector<std::string> none(3, path("none.jpg"));
  EXPECT_THROW(go("a.h5", false, 1000, none), UserError);
  EXPECT_FALSE(std::filesystem::exists(path("a.h5.partial")));
}

}  // namespace
}  // namespace hdecomp
