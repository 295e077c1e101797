/// Results files: what is written is read, in any order and after any end; foreign and damaged
/// files are refused.
#include "hdecomp/results_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>

#include "hdecomp/error.h"
#include "tests/support/edit_hdf5.h"
#include "tests/support/hostile_files.h"
#include "weights/hdf5/hdf5_attributes.h"
#include "weights/hdf5/hdf5_read.h"

namespace hdecomp {
namespace {

using namespace file_testing;

ResultsPlan small_results() {
  ResultsPlan plan;
  plan.experiment = "pcc";
  plan.model = "00ff";
  plan.options = {{"fill", "mean"}, {"class", "top"}};
  plan.steps = {"scores->b", "b->a"};
  plan.images = {"x.jpg", "y.jpg", "z.jpg"};
  plan.labels = {1, -1, 2};
  plan.fields = {{"pairs", {2, 2}}, {"count", {2}, true}};
  return plan;
}

ResultRow row_of(int64_t image) {
  const auto first = static_cast<float>(10 * image);
  return {image,
          ImageState::measured,
          static_cast<int32_t>(image),
          {first, first + 1, first + 2, first + 3, first + 4, first + 5},
          ""};
}

ResultRow unreadable(int64_t image) { return {image, ImageState::unreadable, -1, {}, "no image"}; }

std::string refusal(const std::string& path, const ResultsPlan& plan) {
  return line_if_refused([&] { ResultsFile::resume(path, plan); });
}

/// Calls `work` in a process of its own as soon as all others have closed the pipe's writing end.
pid_t in_child(const int (&pipe)[2], const std::function<int()>& work) {
  const pid_t child = fork();
  if (child != 0) return child;
  close(pipe[1]);
  char none;
  while (::read(pipe[0], &none, 1) < 0) {
  }
  _exit(work());
}

int end_of(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST(ResultsFile, OfTwoProcessesThatBeginItOneIsRefused) {
  for (int round = 0; round < 40; ++round) {
    const std::string path = temporary_path(joined("_", round, ".h5"));
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const auto begin = [&] {
      try {
        ResultsFile results = ResultsFile::create(path, small_results());
        results.put(std::vector{row_of(1)});
        usleep(5000);  // the other is not to find it free
        return 0;
      } catch (const UserError& fault) {
        return std::string(fault.what()).starts_with(path + ": ") ? 2 : 3;
      }
    };
    const pid_t children[] = {in_child(ends, begin), in_child(ends, begin)};
    close(ends[0]);
    close(ends[1]);
    EXPECT_EQ(end_of(children[0]) + end_of(children[1]), 2) << round;
    EXPECT_EQ(ResultsFile::resume(path, small_results()).count(ImageState::measured), 1) << round;
  }
}

TEST(ResultsFile, KeepsRowsAndStatesAndGoesOn) {
  const std::string path = temporary_path(".h5");
  {
    ResultsFile results = ResultsFile::create(path, small_results());
    EXPECT_EQ(results.count(ImageState::pending), 3);
    results.put(std::vector{row_of(2), unreadable(0)});
  }
  ResultsFile results = ResultsFile::resume(path, small_results());
  EXPECT_EQ(results.states(),
            (std::vector{ImageState::unreadable, ImageState::pending, ImageState::measured}));
  const std::vector<float> pairs = results.values("pairs"), counts = results.values("count");
  ASSERT_EQ(pairs.size(), 12u);
  for (size_t i = 0; i < 8; ++i) EXPECT_TRUE(std::isnan(pairs[i]));
  EXPECT_THAT(std::vector(pairs.begin() + 8, pairs.end()), ::testing::ElementsAre(20, 21, 22, 23));
  EXPECT_THAT(std::vector(counts.begin() + 4, counts.end()), ::testing::ElementsAre(24, 25));
  ResultRow small = row_of(1);
  small.values.pop_back();
  EXPECT_THROW(results.put({&small, 1}), Error);
}

TEST(ResultsFile, TheOrderLeavesTheSameBytes) {
  const std::string path = temporary_path(".h5"), other = temporary_path("_other.h5");
  ResultsFile::create(path, small_results()).put(std::vector{row_of(0), unreadable(1), row_of(2)});
  ResultsFile::create(other, small_results()).put(std::vector{row_of(2)});
  ResultsFile::resume(other, small_results()).put(std::vector{unreadable(1)});
  ResultsFile::resume(other, small_results()).put(std::vector{row_of(0)});
  EXPECT_EQ(read_bytes(path), read_bytes(other));
}

TEST(ResultsFile, SaysWhatDiffers) {
  const std::string path = temporary_path(".h5");
  ResultsFile::create(path, small_results());
  const auto changed = [&](auto change) {
    ResultsPlan plan = small_results();
    change(plan);
    return refusal(path, plan);
  };
  using ::testing::HasSubstr;
  EXPECT_EQ(changed([](ResultsPlan&) {}), "");
  EXPECT_THAT(changed([](auto& p) { p.experiment = "masking"; }), HasSubstr("the experiment"));
  EXPECT_THAT(changed([](auto& p) { p.model = "00fe"; }),
              HasSubstr("the model's SHA-256 is '00ff"));
  EXPECT_THAT(changed([](auto& p) { p.options["fill"] = "zero"; }),
              HasSubstr("the option fill is 'mean' in the file and 'zero' in this run"));
  EXPECT_THAT(changed([](auto& p) { p.options["new"] = "1"; }), HasSubstr("'new'"));
  EXPECT_THAT(changed([](auto& p) { p.steps[1] = "c->a"; }), HasSubstr("step 2"));
  EXPECT_THAT(changed([](auto& p) { p.images[2] = "w.jpg"; }), HasSubstr("image 3 is 'z.jpg'"));
  EXPECT_THAT(changed([](auto& p) { p.images.pop_back(), p.labels.pop_back(); }),
              HasSubstr("the number of images is '3'"));
  EXPECT_THAT(changed([](auto& p) { p.labels[1] = 7; }), HasSubstr("the label of y.jpg is '-1'"));
  EXPECT_THAT(changed([](auto& p) { p.fields[0].extent = {4}; }), HasSubstr("pairs"));
  EXPECT_THAT(changed([](auto& p) { p.fields[1].name = "counts"; }), HasSubstr("counts"));
  EXPECT_EQ(refusal(path, small_results()), "");  // left as it was
}

TEST(ResultsFile, DoesNotGoOnWithAnotherVersion) {
  const std::string path = temporary_path(".h5");
  ResultsFile::create(path, small_results());
  file_testing::edit_hdf5(path, [](hid_t file) {
    const H5Handle version(H5Aopen(file, "format_version", H5P_DEFAULT), H5Aclose);
    const int64_t one = 1;
    ASSERT_GE(H5Awrite(version, H5T_NATIVE_INT64, &one), 0);
  });
  EXPECT_THAT(
      refusal(path, small_results()),
      ::testing::EndsWith(": results version 1, of another hdecomp; this one writes version "
                          "2 and cannot go on with it: give --output another name"));
}

TEST(ResultsFile, RefusesWhatIsThereWhatIsNotAndASecondRun) {
  const std::string path = temporary_path(".h5");
  EXPECT_THAT(refusal(path, small_results()), ::testing::HasSubstr("--resume"));
  const ResultsFile first = ResultsFile::create(path, small_results());
  EXPECT_THROW(ResultsFile::create(path, small_results()), UserError);
  EXPECT_THAT(refusal(path, small_results()), ::testing::HasSubstr("another run"));
}

class OptionsOfTables : public ::testing::Test {
 protected:
  /// What no row hangs on has this value.
  static ResultsPlan plan(const std::string& seed) {
    ResultsPlan plan = small_results();
    plan.options["seed"] = seed;
    plan.options["shuffles"] = "3";
    plan.of_tables = {"seed", "shuffles"};
    return plan;
  }
  static std::string option(const std::string& path, const std::string& name) {
    const SilentHdf5 silent;
    const H5Handle file = open_hdf5(path), options = open_group(file, "options");
    return Hdf5Reader(path, options).text_attribute(name);
  }
  std::string copy() const { return folder_ + "/.hdecomp-a.h5.tmp"; }

  const std::string folder_ = empty_folder(), path_ = folder_ + "/a.h5";
};

TEST_F(OptionsOfTables, AreChangedInACopyThatReplacesTheFile) {
  ResultsFile::create(path_, plan("1")).put(std::vector{row_of(1)});
  const Bytes before = read_bytes(path_);
  const std::string old = folder_ + "/old.h5";  // another name of the same file
  std::filesystem::create_hard_link(path_, old);
  write_bytes(copy(), Bytes(10, 'x'));  // of a run that was killed
  {
    ResultsFile results = ResultsFile::resume(path_, plan("20"));
    EXPECT_EQ(results.count(ImageState::measured), 1);
    EXPECT_THAT(refusal(path_, plan("20")), ::testing::HasSubstr("another run"));
    results.put(std::vector{row_of(2)});
  }
  EXPECT_EQ(option(path_, "seed"), "20");
  EXPECT_EQ(option(path_, "shuffles"), "3");
  EXPECT_EQ(read_bytes(old), before);
  EXPECT_FALSE(std::filesystem::exists(copy()));
  EXPECT_EQ(ResultsFile::resume(path_, plan("20")).values("count")[4], 24);
  // A link stays one.
  const std::string link = folder_ + "/link.h5";
  std::filesystem::create_symlink("a.h5", link);
  EXPECT_EQ(refusal(link, plan("7")), "");
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(option(path_, "seed"), "7");
}

TEST_F(OptionsOfTables, StayWhereNoCopyCanBeWritten) {
  ResultsFile::create(path_, plan("1")).put(std::vector{row_of(1)});
  const Bytes before = read_bytes(path_);
  std::filesystem::create_directories(copy() + "/in the way");
  EXPECT_THAT(refusal(path_, plan("2")), ::testing::HasSubstr("no changed copy of it can be"));
  EXPECT_EQ(read_bytes(path_), before);
  EXPECT_EQ(refusal(path_, plan("1")), "");
}

/// Three fields that fill 96 MiB.
ResultsPlan large_plan() {
  ResultsPlan plan = small_results();
  plan.images.assign(4096, "x.jpg");
  plan.labels.assign(4096, -1);
  plan.fields = {{"wide", {4096}}, {"count", {1}}, {"also", {2047}}};
  return plan;
}

/// The most memory that the process has had so far, in KiB.
int64_t peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6));
  }
  return 0;
}

/// How much more memory than now the process has for a while, in KiB.
int64_t memory_of(const std::function<void()>& action) {
  std::ofstream("/proc/self/clear_refs") << "5" << std::flush;  // forgets the peak so far
  const int64_t before = peak_memory();
  action();
  return peak_memory() - before;
}

TEST(ResultsFile, TakesNoMemoryForTheRowsThatAreToCome) {
  const std::string path = temporary_path(".h5");
  std::filesystem::remove(path);
  constexpr int64_t most = 16 << 10;
  if (memory_of([] { Bytes(size_t{64} << 20, 1).front() = 2; }) < most) {
    GTEST_SKIP() << "this system does not tell of peaks in memory";
  }
  EXPECT_LT(memory_of([&] { ResultsFile::create(path, large_plan()); }), most);
  const ResultsFile results = ResultsFile::resume(path, large_plan());
  EXPECT_GT(std::filesystem::file_size(path), 96u << 20);
  // The pieces that it was written in leave no gaps.
  for (const char* field : {"wide", "count", "also"}) {
    EXPECT_TRUE(std::ranges::all_of(results.values(field), [](float v) { return std::isnan(v); }));
  }
  EXPECT_EQ(results.count(ImageState::pending), 4096);
  std::filesystem::remove(path);
}

TEST(ResultsFile, RefusesDamagedFiles) {
  const std::string path = temporary_path(".h5"), bad = temporary_path("_bad.h5");
  ResultsFile::create(path, small_results());
  const Bytes whole = read_bytes(path);
  for (size_t size = 0; size < whole.size(); size += 97) {
    write_bytes(bad, Bytes(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size)));
    EXPECT_NE(refusal(bad, small_results()), "") << size;
  }
  write_bytes(bad, Bytes(5000, 'x'));
  EXPECT_NE(refusal(bad, small_results()), "");
}

/// The labels of small_results in a dataset that `creation` says how to store.
void relabel(const std::string& path, const std::function<void(hid_t creation)>& stored) {
  edit_hdf5(path, [&](hid_t file) {
    H5Ldelete(file, "labels", H5P_DEFAULT);
    const hsize_t images = 3, unlimited = H5S_UNLIMITED;
    const std::vector<int32_t> labels = small_results().labels;
    const H5Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    stored(creation);
    const bool chunked = H5Pget_layout(creation) == H5D_CHUNKED;
    const H5Handle space(H5Screate_simple(1, &images, chunked ? &unlimited : nullptr), H5Sclose);
    const H5Handle data(
        H5Dcreate2(file, "labels", H5T_STD_I32LE, space, H5P_DEFAULT, creation, H5P_DEFAULT),
        H5Dclose);
    ASSERT_GE(H5Dwrite(data, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, labels.data()), 0);
  });
}

// Else a file could have any other read, and a pipe waited for.
TEST(ResultsFile, LabelsLieInTheFile) {
  const std::string path = temporary_path(".h5"), other = temporary_path(".labels");
  const auto refused = [&](const std::function<void(hid_t creation)>& stored) {
    std::filesystem::remove(path);
    ResultsFile::create(path, small_results());
    relabel(path, stored);
    expect_line(refusal(path, small_results()),
                path + ": dataset 'labels' is not as this run would make it");
  };
  refused([&](hid_t creation) { H5Pset_external(creation, other.c_str(), 0, 12); });
  refused([](hid_t creation) {
    const hsize_t chunk = 1 << 20;
    H5Pset_chunk(creation, 1, &chunk);
  });
  std::filesystem::remove(path);
  ResultsFile::create(path, small_results());
  relabel(path, [](hid_t) {});
  EXPECT_EQ(refusal(path, small_results()), "");
}

}  // namespace
}  // namespace hdecomp
