/// The best patches of a channel, the log that a run goes on with, and the file.
#include "hdecomp/patches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <limits>
#include <random>

#include "hdecomp/error.h"
#include "tests/support/hostile_files.h"

namespace hdecomp {
namespace {

using file_testing::empty_folder, file_testing::read_bytes;

Patch patch_of(int32_t image, float value) {
  Patch patch;
  patch.image = image;
  patch.value = value;
  patch.y = image;
  patch.box = {image, 1, 2, 3};
  patch.crop = std::make_shared<const std::vector<uint8_t>>(3, static_cast<uint8_t>(image));
  return patch;
}

std::vector<int32_t> images_of(const BestPatches& best, int64_t channel = 0) {
  std::vector<int32_t> images;
  for (const Patch& patch : best.of(channel)) images.push_back(patch.image);
  return images;
}

TEST(BestPatches, AreTheFirstOfAStableSortInWhateverOrderTheyCome) {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    std::vector<Patch> all;
    const int count = static_cast<int>(random() % 30);
    for (int i = 0; i < count; ++i) {
      all.push_back(patch_of(i, static_cast<float>(random() % 7)));  // many ties, some 0
    }
    std::vector<int32_t> expected;
    std::vector<Patch> sorted = all;
    std::ranges::stable_sort(sorted, std::greater(), &Patch::value);
    for (const Patch& patch : sorted) {
      if (patch.value > 0 && expected.size() < 4) expected.push_back(patch.image);
    }
    std::ranges::shuffle(all, random);
    BestPatches whole(1, 4), left(1, 4), right(1, 4);
    for (size_t i = 0; i < all.size(); ++i) {
      whole.add(0, all[i]);
      (i % 2 == 0 ? left : right).add(0, all[i]);
    }
    EXPECT_EQ(images_of(whole), expected);
    for (const Patch& patch : right.of(0)) left.add(0, patch);  // as ranks do
    EXPECT_EQ(images_of(left), expected);
  }
}

TEST(BestPatches, HaveOnePatchAnImageItsLargest) {
  BestPatches best(2, 2);
  best.add(1, patch_of(4, 1));
  best.add(1, patch_of(4, 3));
  best.add(1, patch_of(4, 2));
  EXPECT_FALSE(best.takes(1, patch_of(4, 3)));
  best.add(1, patch_of(7, 1));
  EXPECT_EQ(images_of(best, 1), (std::vector<int32_t>{4, 7}));
  EXPECT_EQ(best.of(1).front().value, 3);
  best.add(1, patch_of(7, 5));
  EXPECT_EQ(images_of(best, 1), (std::vector<int32_t>{7, 4}));
  EXPECT_TRUE(best.of(0).empty());
}

TEST(BestPatches, TakeNothingThatIsNotAboveZero) {
  BestPatches best(1, 2);
  for (const float value : {0.0f, -1.0f, std::numeric_limits<float>::quiet_NaN()}) {
    best.add(0, patch_of(0, value));
  }
  EXPECT_TRUE(best.of(0).empty());
}

PatchPlan small_plan() {
  PatchPlan plan;
  plan.model = "00ff";
  plan.options = {{"by", "activation"}, {"top", "2"}};
  plan.layers = {{"b", 3}, {"a", 1}};
  plan.keep = 2;
  plan.images = {"x.jpg", "y.jpg", "z.jpg"};
  plan.labels = {1, -1, 2};
  plan.classes = {"cat", "dog"};
  return plan;
}

PatchNews news_of(int32_t image, float value) {
  PatchNews news;
  news.images.push_back({image, ImageState::measured, 1, uint64_t{1} << (60 + image), ""});
  news.found.push_back({0, 2, patch_of(image, value)});
  news.found.push_back({1, 0, patch_of(image, value)});
  return news;
}

class PatchStores : public ::testing::Test {
 protected:
  std::string folder_ = empty_folder(), path_ = folder_ + "/p.h5", log_ = path_ + ".partial";

  std::vector<uint8_t> in_one_go() const {
    const std::string path = folder_ + "/whole.h5";
    PatchStore store = PatchStore::open(path, small_plan(), false);
    for (int32_t i = 0; i < 3; ++i) store.take(news_of(i, static_cast<float>(3 - i % 2)));
    store.finish();
    return read_bytes(path);
  }
  std::string refusal(const PatchPlan& plan, bool resume = true) const {
    try {
      PatchStore::open(path_, plan, resume);
    } catch (const UserError& fault) {
      return fault.what();
    }
    return "";
  }
};

TEST_F(PatchStores, GoOnWithALogCutAnywhere) {
  const std::vector<uint8_t> whole = in_one_go();
  {
    PatchStore store = PatchStore::open(path_, small_plan(), false);
    store.take(news_of(2, 3));
    store.take(news_of(0, 3));
  }
  const std::vector<uint8_t> log = read_bytes(log_);
  int kept[3] = {};
  for (size_t cut = log.size();; cut -= 7) {
    file_testing::write_bytes(log_, {log.begin(), log.begin() + static_cast<long>(cut)});
    if (const std::string fault = refusal(small_plan()); !fault.empty()) {
      EXPECT_NE(fault.find("no log"), std::string::npos) << fault;  // its head is cut
      break;
    }
    PatchStore store = PatchStore::open(path_, small_plan(), true);
    const std::vector<ImageState> states = store.states();
    ++kept[std::ranges::count(states, ImageState::measured)];
    for (int32_t i = 0; i < 3; ++i) {
      if (states[i] == ImageState::pending) store.take(news_of(i, static_cast<float>(3 - i % 2)));
    }
    store.finish();
    EXPECT_EQ(read_bytes(path_), whole);
    EXPECT_FALSE(std::filesystem::exists(log_));
    std::filesystem::remove(path_);
  }
  for (const int count : kept) EXPECT_GT(count, 0);
}

TEST_F(PatchStores, GoOnWithAWholeFileWhereAnImageCouldNotBeRead) {
  const std::vector<uint8_t> whole = in_one_go();
  {
    PatchStore store = PatchStore::open(path_, small_plan(), false);
    store.take(news_of(0, 3));
    store.take(news_of(2, 3));
    PatchNews unreadable;
    unreadable.images.push_back({1, ImageState::unreadable, -1, 0, "no image"});
    store.take(unreadable);
    store.finish();
  }
  EXPECT_NE(refusal(small_plan(), false).find("--resume"), std::string::npos);
  PatchStore store = PatchStore::open(path_, small_plan(), true);
  EXPECT_EQ(store.count(ImageState::unreadable), 1);
  store.take(news_of(1, 2));
  store.finish();
  EXPECT_EQ(read_bytes(path_), whole);
}

TEST_F(PatchStores, AnotherRunsAreRefusedWithWhatDiffers) {
  { PatchStore::open(path_, small_plan(), false).take(news_of(0, 3)); }
  EXPECT_NE(refusal(small_plan(), false).find("--resume"), std::string::npos);
  const auto differs = [&](const std::function<void(PatchPlan&)>& change, const std::string& part) {
    PatchPlan plan = small_plan();
    change(plan);
    const std::string fault = refusal(plan);
    EXPECT_NE(fault.find(part), std::string::npos) << fault;
  };
  for (const bool whole : {false, true}) {
    differs([](PatchPlan& p) { p.model = "1"; }, "the model's SHA-256 is '00ff'");
    differs([](PatchPlan& p) { p.options["by"] = "contribution"; },
            "the option by is 'activation'");
    differs([](PatchPlan& p) { p.layers[1].name = "c"; }, "layer 2 is 'a, 1'");
    differs([](PatchPlan& p) { p.images[1] = "w.jpg"; }, "image 2 is 'y.jpg'");
    differs([](PatchPlan& p) { p.labels[0] = 0; }, "the label of image 1 is '1'");
    differs(
        [](PatchPlan& p) {
          p.images.pop_back();
          p.labels.pop_back();
        },
        "the number of images is '3'");
    if (!whole) PatchStore::open(path_, small_plan(), true).finish();
  }
  const PatchStore first = PatchStore::open(path_, small_plan(), true);
  EXPECT_NE(refusal(small_plan()).find("another run"), std::string::npos);
}

TEST_F(PatchStores, DamagedFilesAreRefused) {
  in_one_go();
  const std::vector<uint8_t> whole = read_bytes(folder_ + "/whole.h5");
  int refused = 0;
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    std::vector<uint8_t> bytes = whole;
    bytes.resize(bytes.size() - random() % bytes.size());  // cut short, never altered
    if (bytes.size() == whole.size()) continue;
    file_testing::write_bytes(path_, bytes);
    const std::string fault = refusal(small_plan());
    EXPECT_NE(fault.find(path_), std::string::npos) << fault;
    ++refused;
  }
  EXPECT_GT(refused, 200);
}

}  // namespace
}  // namespace hdecomp
