/// The best patches of a channel, the log that a run goes on with, and the file.
#include "hdecomp/patches.h"

#include <gtest/gtest.h>
#include <hdf5.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <functional>
#include <limits>
#include <random>
#include <type_traits>

#include "hdecomp/error.h"
#include "runtime/patches/patch_crops.h"
#include "runtime/patches/patch_log.h"
#include "tests/support/edit_hdf5.h"
#include "tests/support/hostile_files.h"
#include "weights/hdf5/hdf5_attributes.h"

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
  EXPECT_TRUE(best.add(1, patch_of(4, 1)));
  EXPECT_TRUE(best.add(1, patch_of(4, 3)));
  EXPECT_FALSE(best.add(1, patch_of(4, 2)));
  EXPECT_FALSE(best.takes(1, patch_of(4, 3)));
  EXPECT_TRUE(best.add(1, patch_of(7, 1)));
  EXPECT_FALSE(best.add(1, patch_of(8, 1)));  // full: the earlier image of a tie stays
  EXPECT_FALSE(best.add(1, patch_of(4, 2)));  // before the last, but not before its own
  EXPECT_EQ(images_of(best, 1), (std::vector<int32_t>{4, 7}));
  EXPECT_EQ(best.of(1).front().value, 3);
  best.add(1, patch_of(7, 5));
  EXPECT_EQ(images_of(best, 1), (std::vector<int32_t>{7, 4}));
  EXPECT_TRUE(best.of(0).empty());
}

TEST(BestPatches, TakeNothingThatIsNotAboveZero) {
  BestPatches best(1, 2);
  for (const float value : {0.0f, -1.0f, std::numeric_limits<float>::quiet_NaN()}) {
    EXPECT_FALSE(best.add(0, patch_of(0, value)));
  }
  EXPECT_TRUE(best.of(0).empty());
}

TEST(PatchCrops, OfAnInputThatIsNoSquareHaveItsRows) {
  // 2 x 4, seen as it is: of the second row the third and the fourth pixel.
  Image photo{2, 4, {}};
  for (uint8_t i = 0; i < 8; ++i)
    photo.rgb.insert(photo.rgb.end(), 3, static_cast<uint8_t>(30 * i));
  const Preprocess rule{Resize::stretch, PixelSize{2, 4}, PixelSize{2, 4}};
  const Image crop = PatchCrops(photo, rule, 2).cut({1, 2, 1, 2});
  ASSERT_EQ(crop.height, 1);
  ASSERT_EQ(crop.width, 2);
  EXPECT_EQ(crop.rgb, (std::vector<uint8_t>{180, 180, 180, 210, 210, 210}));
}

PatchPlan patch_plan() {
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
    PatchStore store = PatchStore::open(path, patch_plan(), false);
    for (int32_t i = 0; i < 3; ++i) store.take(news_of(i, static_cast<float>(3 - i % 2)));
    store.finish();
    return read_bytes(path);
  }
  std::string refusal(const PatchPlan& plan, bool resume = true) const {
    return file_testing::line_if_refused([&] { PatchStore::open(path_, plan, resume); });
  }
};

TEST_F(PatchStores, GoOnWithALogCutAnywhere) {
  const std::vector<uint8_t> whole = in_one_go();
  {
    PatchStore store = PatchStore::open(path_, patch_plan(), false);
    store.take(news_of(2, 3));
    store.take(news_of(0, 3));
  }
  const std::vector<uint8_t> log = read_bytes(log_);
  int kept[3] = {};
  for (size_t cut = log.size();; cut -= 7) {
    file_testing::write_bytes(log_, {log.begin(), log.begin() + static_cast<long>(cut)});
    if (const std::string fault = refusal(patch_plan()); !fault.empty()) {
      EXPECT_NE(fault.find("no log"), std::string::npos) << fault;  // its head is cut
      break;
    }
    PatchStore store = PatchStore::open(path_, patch_plan(), true);
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

/// Which signal ended a run at its first bytes on the disk.
int killed_at_first_bytes(const std::string& path) {
  const pid_t child = fork();
  if (child == 0) {
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    setrlimit(RLIMIT_FSIZE, &none);
    PatchStore::open(path, patch_plan(), false);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

TEST_F(PatchStores, ARunKilledBeforeItsLogHasAHeadIsGoneOnWith) {
  EXPECT_EQ(killed_at_first_bytes(path_), SIGXFSZ);
  PatchStore store = PatchStore::open(path_, patch_plan(), true);
  for (int32_t i = 0; i < 3; ++i) store.take(news_of(i, static_cast<float>(3 - i % 2)));
  store.finish();
  EXPECT_EQ(read_bytes(path_), in_one_go());
}

TEST_F(PatchStores, ALogWithRecordsOfOthersIsRefused) {
  const std::vector<uint8_t> number(sizeof(uint64_t), 1);
  for (const std::vector<uint8_t>& record : {std::vector<uint8_t>{1, 2, 3}, number}) {
    { PatchStore::open(path_, patch_plan(), false).take(news_of(2, 3)); }
    const auto unread = [](std::span<const uint8_t>) {};
    PatchLog::resume(log_, unread, unread).append(record);
    file_testing::expect_line(refusal(patch_plan()), log_ +
                                                         ": packed values came cut short: it is "
                                                         "damaged; remove it");
    std::filesystem::remove(log_);
  }
}

TEST_F(PatchStores, GoOnWithAWholeFileWhereAnImageCouldNotBeRead) {
  const std::vector<uint8_t> whole = in_one_go();
  {
    PatchStore store = PatchStore::open(path_, patch_plan(), false);
    store.take(news_of(0, 3));
    store.take(news_of(2, 3));
    PatchNews unreadable;
    unreadable.images.push_back({1, ImageState::unreadable, -1, 0, "no image"});
    store.take(unreadable);
    store.finish();
  }
  EXPECT_NE(refusal(patch_plan(), false).find("--resume"), std::string::npos);
  PatchStore store = PatchStore::open(path_, patch_plan(), true);
  EXPECT_EQ(store.count(ImageState::unreadable), 1);
  store.take(news_of(1, 2));
  store.finish();
  EXPECT_EQ(read_bytes(path_), whole);
}

TEST_F(PatchStores, AnotherRunsAreRefusedWithWhatDiffers) {
  { PatchStore::open(path_, patch_plan(), false).take(news_of(0, 3)); }
  EXPECT_NE(refusal(patch_plan(), false).find("--resume"), std::string::npos);
  const auto differs = [&](const std::function<void(PatchPlan&)>& change, const std::string& part) {
    PatchPlan plan = patch_plan();
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
    if (!whole) PatchStore::open(path_, patch_plan(), true).finish();
  }
  const PatchStore first = PatchStore::open(path_, patch_plan(), true);
  EXPECT_NE(refusal(patch_plan()).find("another run"), std::string::npos);
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
    const std::string fault = refusal(patch_plan());
    EXPECT_NE(fault.find(path_), std::string::npos) << fault;
    ++refused;
  }
  EXPECT_GT(refused, 200);
}

/// Of a dataset of a file one number.
template <class Value>
void change(hid_t file, const std::string& name, size_t at, Value to) {
  const hid_t type = std::is_same_v<Value, float>     ? H5T_NATIVE_FLOAT
                     : std::is_same_v<Value, int32_t> ? H5T_NATIVE_INT32
                     : std::is_same_v<Value, int64_t> ? H5T_NATIVE_INT64
                                                      : H5T_NATIVE_UINT8;
  const H5Handle data(H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose);
  const H5Handle space(H5Dget_space(data), H5Sclose);
  std::vector<Value> values(static_cast<size_t>(H5Sget_simple_extent_npoints(space)));
  ASSERT_GE(H5Dread(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), 0);
  values.at(at) = to;
  ASSERT_GE(H5Dwrite(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), 0);
}

TEST_F(PatchStores, ChangedFilesAreRefusedWithWhatIsWrong) {
  const std::vector<uint8_t> whole = in_one_go();
  const auto refused = [&](const std::function<void(hid_t)>& with, const std::string& part) {
    file_testing::write_bytes(path_, whole);
    file_testing::edit_hdf5(path_, with);
    const std::string fault = refusal(patch_plan());
    file_testing::expect_line(fault, path_ + ": ");
    file_testing::expect_line(fault,
                              part + ": the file is damaged; hdecomp patches makes the file");
  };
  const auto refused_number = [&](const std::string& name, size_t at, auto to,
                                  const std::string& part) {
    SCOPED_TRACE(joined(name, "[", at, "] = ", to));
    refused([&](hid_t file) { change(file, name, at, to); }, part);
  };
  refused(
      [](hid_t file) {
        H5Ldelete(file, "layers", H5P_DEFAULT);
        write_strings(file, "layers", {"a", "a"});
      },
      "layer 'a' comes twice");
  // A name from the file is shortened in the error's line.
  refused(
      [](hid_t file) {
        H5Ldelete(file, "layers", H5P_DEFAULT);
        write_strings(file, "layers", {std::string(60000, '['), "a"});
      },
      joined("no dataset 'patches/", std::string(92, '['), "...'"));
  refused(
      [](hid_t file) {
        H5Adelete(file, "patches_per_channel");
        write_attribute(file, "patches_per_channel", int64_t{0});
      },
      "0 patches a channel");
  // Together they would need more than the file has: 36 bytes a patch, two of them a channel.
  const auto most = static_cast<int32_t>(whole.size() / 36 / 2);
  refused_number("channels", 0, 2 * most, joined(2 * most, " channels"));
  refused_number("channels", 0, most, " channels");
  refused_number("channels", 1, 0, "0 channels");
  refused_number("state", 0, uint8_t{9}, "an unknown state");
  for (const int32_t decision : {2, -1, std::numeric_limits<int32_t>::min()}) {
    refused_number("decision", 1, decision, joined("decision[1] is ", decision, ", not 0 to 1"));
  }
  refused_number("crops/begin", 1, int64_t{-1}, "crops that do not lie one after the other");
  // The first patch of layer b's channel 2.
  const std::string none = "a patch of 'patches/b/' that is none";
  for (const float value : {std::numeric_limits<float>::infinity(), 0.0f, -1.0f,
                            std::numeric_limits<float>::quiet_NaN()}) {
    refused_number("patches/b/value", 4, value, none);
  }
  refused_number("patches/b/image", 4, 3, none);
  refused_number("patches/b/crop", 4, 99, none);
  refused_number("patches/b/crop", 4, -1, none);
  refused_number("patches/b/place", 9, -1, none);
  refused_number("patches/b/box", 16, -1, none);
  refused_number("patches/b/box", 18, 0, none);
  refused_number("patches/b/box", 19, std::numeric_limits<int32_t>::max(), none);
}

}  // namespace
}  // namespace hdecomp
