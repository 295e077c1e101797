/// The verb context against pixels counted one by one. tests/compare_regions.py holds it against
/// PyTorch and numpy.
#include <gmock/gmock.h>

#include <map>

#include "hdecomp/explainer.h"
#include "runtime/image/preprocess.h"
#include "tests/support/image_bytes.h"
#include "tests/tools/experiments_testing.h"
#include "tests/tools/page_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;
using file_testing::png;
using file_testing::read_bytes;

const Args names{"portrait", "coffee", "chelsea"};

/// Small copies of the bundled photographs, each with a segmentation of left, right and a bar.
class ContextCommand : public SegmentedPhotos {
 protected:
  ContextCommand() : SegmentedPhotos("left\nright\nbar\n") {
    for (const std::string& name : names) {
      const Image small = resize_bilinear(Image::load(photo(name + ".jpg")), 150, 130);
      save_png(small, file("photos/" + name + ".png"));
      put(name, small.height, small.width);
    }
  }

  /// Rows 40 to 59 are 3, of the others the left third is 1 and the rest 2; a corner is 255.
  static int label(int64_t y, int64_t x, int64_t width) {
    if (y < 10 && x < 10) return 255;
    return y >= 40 && y < 60 ? 3 : x < width / 3 ? 1 : 2;
  }
  void put(const std::string& name, int64_t height, int64_t width, int stripe = 0) const {
    Bytes rows;
    for (int64_t y = 0; y < height; ++y) {
      rows.push_back(0);
      for (int64_t x = 0; x < width; ++x) {
        rows.push_back(static_cast<uint8_t>(label(y, x, width) + stripe));
      }
    }
    const auto w = static_cast<uint32_t>(width), h = static_cast<uint32_t>(height);
    file("regions/" + name + ".png", png(w, h, 8, 0, rows));
  }

  Args with(const Args& more, const std::string& output) const {
    return over_regions("context", more, output);
  }
  /// Of all classes: by layer and region the maps and the mean IoU.
  std::map<std::pair<std::string, std::string>, std::pair<int, double>> labels_in(
      const std::string& csv) const {
    std::map<std::pair<std::string, std::string>, std::pair<int, double>> found;
    for (const Args& cells : cells_of(content(csv))) {
      if (cells.at(2) != "all") continue;
      found[{cells[0], cells[4]}] = {std::stoi(cells[5]),
                                     cells[7].empty() ? 0 : std::stod(cells[7])};
    }
    return found;
  }

  /// The same, pixel by pixel, of the maps that the explainer gives.
  std::map<std::pair<std::string, std::string>, std::pair<int, double>> counted(
      double threshold) const;
};

/// The label of the region with the largest IoU, and that.
std::pair<int, double> best_label(const ActivationMap& map, double threshold, const Image& seen) {
  const std::vector<float> whole = map.whole();
  const double above = threshold * *std::ranges::max_element(whole);
  std::map<int, int64_t> both, areas;
  int64_t mask = 0;
  for (int64_t y = 0; y < seen.height; ++y) {
    for (int64_t x = 0; x < seen.width; ++x) {
      const int64_t cell = y * map.height / seen.height * map.width + x * map.width / seen.width;
      const int label = seen.rgb[(y * seen.width + x) * 3];
      ++areas[label];
      if (whole[cell] <= above) continue;
      ++mask;
      ++both[label];
    }
  }
  std::pair<int, double> best{0, 0};
  for (const auto& [label, count] : both) {
    if (label == 255) continue;
    const double iou =
        static_cast<double>(count) / static_cast<double>(mask + areas[label] - count);
    if (iou > best.second) best = {label, iou};
  }
  return best;
}

std::map<std::pair<std::string, std::string>, std::pair<int, double>> ContextCommand::counted(
    double threshold) const {
  const std::string model = source_folder() + "/weights/bundled/vgg16_bn-caltech101-slim.h5";
  Explainer explainer(Model::load(model), {"cpu"});
  Preprocess rule = explainer.model().preprocess();
  rule.interpolation = Interpolation::nearest;
  std::map<std::pair<std::string, std::string>, std::pair<int, double>> all;
  for (const std::string& name : names) {
    const Image photograph = Image::load(file("photos/" + name + ".png"));
    Image labels{photograph.height, photograph.width, {}};
    for (int64_t y = 0; y < labels.height; ++y) {
      for (int64_t x = 0; x < labels.width; ++x) {
        labels.rgb.insert(labels.rgb.end(), 3, static_cast<uint8_t>(label(y, x, labels.width)));
      }
    }
    const Image seen = network_view(labels, rule);
    ExplainOptions question;
    question.depth = 2;
    question.keep_maps = true;
    const Tree tree = explainer.explain(photograph, question);
    const char* const regions[]{"no region", "left", "right", "bar"};
    for (const TreeStep& step : distinct_steps(tree.root)) {
      for (const TreeNode& child : step.decision->children()) {
        const auto [label, iou] = best_label(*child.map, threshold, seen);
        auto& [maps, sum] = all[{child.layer, regions[label]}];
        ++maps;
        sum += iou;
      }
    }
  }
  for (auto& [key, value] : all) value.second /= value.first;
  return all;
}

TEST_F(ContextCommand, LabelsTheMapsOfTheTrees) {
  for (const double threshold : {0.5, 0.0}) {
    const std::string output = joined("c", threshold, ".h5");
    const Json json = run_json(with({"--mask-threshold", joined(threshold)}, output));
    EXPECT_EQ(json["options"]["mask"], threshold == 0 ? "A > 0" : "A > 0.5 x its maximum");
    EXPECT_EQ(json["header"][0],
              "maps of (mask " + json["options"]["mask"].get<std::string>() + ")");
    EXPECT_EQ(json["measured"], 3);
    const auto expected = counted(threshold),
               found = labels_in(joined("c", threshold, ".labels.csv"));
    ASSERT_EQ(found.size(), expected.size());
    EXPECT_GT(found.size(), 3u);
    for (const auto& [key, value] : expected) {
      SCOPED_TRACE(key.first + " " + key.second);
      ASSERT_TRUE(found.contains(key));
      EXPECT_EQ(found.at(key).first, value.first);
      EXPECT_NEAR(found.at(key).second, value.second, 1e-6);  // the table's digits
    }
  }
}

TEST_F(ContextCommand, IsTheSameInAnyBatchAndAfterAResume) {
  run_json(with({"--batch", "1"}, "a.h5"));
  run_json(with({"--batch", "3", "--limit", "3"}, "b.h5"));
  EXPECT_EQ(read_bytes(file("a.h5")), read_bytes(file("b.h5")));
  EXPECT_EQ(content("a.labels.csv"), content("b.labels.csv"));
  run_json(with({"--resume"}, "a.h5"));
  EXPECT_EQ(read_bytes(file("a.h5")), read_bytes(file("b.h5")));
  write_text(file("names.txt"), "links\nright\nbar\n");
  expect_refused(run(with({"--resume"}, "a.h5")), "region_names");
  const Json one = run_json(with({"--every", "2", "--depth", "1"}, "e.h5"));
  EXPECT_EQ(one["measured"], 2);
  EXPECT_EQ(one["rows"].size(), 1 + 2u);  // all, and a class for each image
}

TEST_F(ContextCommand, ExifTurnsSegmentationsToo) {
  run_json(with({}, "a.h5"));
  for (const std::string& name : names) {
    store_upside_down(file("photos/" + name + ".png"), file("regions/" + name + ".png"));
  }
  EXPECT_EQ(run_json(with({"--exif"}, "b.h5"))["measured"], 3);
  EXPECT_EQ(content("b.labels.csv"), content("a.labels.csv"));
}

TEST_F(ContextCommand, SkipsWhatHasNoSegmentationOrAnother) {
  std::filesystem::remove(file("regions/coffee.png"));
  put("chelsea", 60, 60);
  const CommandResult result = run(with({"--json"}, "skip.h5"));
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err, ::testing::HasSubstr("coffee.png: there is no segmentation of it"));
  EXPECT_THAT(result.err,
              ::testing::HasSubstr("has 60 x 60 labels, but the photograph has 130 x 150 pixels"));
  EXPECT_EQ(parse_json(result.out)["measured"], 1);
  EXPECT_EQ(parse_json(result.out)["unreadable"], 2);
  put("coffee", 150, 130);
  put("chelsea", 150, 130);
  run_json(with({"--resume"}, "skip.h5"));
  run_json(with({}, "whole.h5"));
  EXPECT_EQ(read_bytes(file("skip.h5")), read_bytes(file("whole.h5")));
}

TEST_F(ContextCommand, SaysWhatIsWrong) {
  const auto refused = [&](const Args& more, const std::string& part) {
    expect_refused(run(with(more, "none.h5")), part);
    EXPECT_FALSE(std::filesystem::exists(file("none.h5")));
  };
  refused({"--region-kind", "voc"}, "3 names; voc has 20, or 21 with the background");
  refused({"--depth", "9"}, "--depth 9: give 1 to 5");
  refused({"--mask-threshold", "1"}, "--mask-threshold 1: give a share of the maximum");
  write_text(file("names.txt"), "left\n");
  const CommandResult result = run(with({}, "few.h5"));
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, ::testing::HasSubstr("label 2 at row 0, column 43 has no name in"));
  std::filesystem::remove_all(file("regions"));
  std::filesystem::create_directory(file("regions"));
  refused({}, "no image has a segmentation; that of " + file("photos/chelsea.png"));
  std::filesystem::remove_all(file("regions"));
  refused({}, "there is no such folder of segmentations");
}

TEST_F(ContextCommand, APageShowsTheTableOfLabels) {
  run_json(with({"--html"}, "c.h5"));
  const Json page = page_of(content("c.html"))["context"];
  EXPECT_EQ(page["images"], 3);
  const std::vector<Args> table = cells_of(content("c.labels.csv"));
  const Json& rows = page["rows"];
  ASSERT_EQ(rows.size() + 1, table.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    Args told;
    for (const std::string& head : table[0]) told.push_back(rows[i][head]);
    EXPECT_EQ(told, table[i + 1]);
  }
}

}  // namespace
}  // namespace hdecomp
