/// The verb concepts, and explain --concepts. tests/compare_regions.py holds the names against
/// numpy.
#include <gmock/gmock.h>

#include <filesystem>
#include <optional>
#include <sstream>

#include "hdecomp/concept_search.h"
#include "hdecomp/error.h"
#include "hdecomp/image.h"
#include "runtime/image/preprocess.h"
#include "tests/support/image_bytes.h"
#include "tests/support/slim_models.h"
#include "tests/tools/experiments_testing.h"
#include "tests/tools/page_testing.h"
#include "tests/tools/serve_testing.h"
#include "weights/model/model_file.h"

namespace hdecomp {
namespace {

using namespace command_testing;
using file_testing::png;
using file_testing::read_bytes;

/// Three small photographs, each with a segmentation of two halves and a bar.
class ConceptsCommand : public SegmentedPhotos {
 protected:
  ConceptsCommand() : SegmentedPhotos("left\nright\n<bar>\n") {
    for (const std::string name : {"portrait", "coffee", "chelsea"}) {
      save_png(resize_bilinear(Image::load(photo(name + ".jpg")), 150, 130),
               file("photos/" + name + ".png"));
      Bytes rows;
      for (int y = 0; y < 150; ++y) {
        rows.push_back(0);
        for (int x = 0; x < 130; ++x) rows.push_back(y >= 60 && y < 90 ? 3 : x < 65 ? 1 : 2);
      }
      file("regions/" + name + ".png", png(130, 150, 8, 0, rows));
    }
  }

  Args with(const Args& more, const std::string& output) const {
    return over_regions("concepts", more, output);
  }
};

TEST_F(ConceptsCommand, TheImagesAloneDecideTheBytes) {
  // Of three images 0.5 % are less than a cell of the last stage.
  const Json json = run_json(with({"--share", "0.1"}, "a.h5"));
  EXPECT_EQ(json["images"], 3);
  EXPECT_EQ(json["skipped"], 0);
  EXPECT_EQ(json["rows"].size(), 5u);
  EXPECT_GT(std::stoi(json["rows"][0][2].get<std::string>()), 20);  // have a name, of 128
  run_json(with({"--share", "0.1", "--batch", "1", "--threads", "1"}, "b.h5"));
  EXPECT_EQ(read_bytes(file("a.h5")), read_bytes(file("b.h5")));
  EXPECT_EQ(content("a.csv"), content("b.csv"));
  EXPECT_TRUE(content("a.csv").starts_with("layer,channel,label,region,IoU,named,"));
  const Json one = run_json(with({"--layers", "features.42,conv1_2", "--min-iou", "1"}, "c.h5"));
  EXPECT_EQ(one["rows"].size(), 2u);
  EXPECT_EQ(one["rows"][0][2], "0");
  EXPECT_EQ(one["rows"][0][0], "conv5_3");  // in the order in which they were named
  EXPECT_EQ(one["rows"][1][0], "conv1_2");
  run_json(with({"--share", "0.1", "--layers", "stage-ends"}, "d.h5"));
  EXPECT_EQ(read_bytes(file("d.h5")), read_bytes(file("a.h5")));
}

TEST_F(ConceptsCommand, ExifTurnsSegmentationsToo) {
  run_json(with({"--share", "0.1"}, "a.h5"));
  for (const std::string name : {"portrait", "coffee", "chelsea"}) {
    store_upside_down(file("photos/" + name + ".png"), file("regions/" + name + ".png"));
  }
  run_json(with({"--share", "0.1", "--exif"}, "b.h5"));
  EXPECT_EQ(read_bytes(file("b.h5")), read_bytes(file("a.h5")));
}

/// Without segmentations: what explain shows is what the patches' photographs are.
TEST_F(ConceptsCommand, NamesByPatches) {
  write_text(file("labels.txt"), "faces_easy\nfaces_easy\nketch\n");
  ASSERT_EQ(run(over("patches", {"portrait.jpg", "coffee.jpg", "chelsea.jpg"},
                     {"--labels", file("labels.txt"), "--top", "3", "-o", file("patches.h5")}))
                .code,
            0);
  const Args args = with_small_model(
      {"concepts", "--patches", file("patches.h5"), "--min-share", "0.6", "-o", file("n.h5")});
  const CommandResult said = run(args);
  ASSERT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out, ::testing::HasSubstr("by chance"));
  EXPECT_THAT(said.out, ::testing::EndsWith("3 images, 0 skipped\nclasses are the photographs' "
                                            "labels\n"));
  EXPECT_TRUE(content("n.csv").starts_with("layer,channel,class,name,share,named,"));
  const Json tree = run_json({"explain", photo("portrait.jpg"), "--device", "cpu", "--depth", "1",
                              "--concepts", file("n.h5")});
  const CommandResult text = run({"explain", photo("portrait.jpg"), "--device", "cpu", "--depth",
                                  "1", "--concepts", file("n.h5")});
  const Json& names = tree["concepts"]["conv5_3"];
  ASSERT_FALSE(names.empty());
  for (const auto& [channel, name] : names.items()) {  // two of three photographs are faces
    EXPECT_EQ(name["name"], "faces_easy");
    EXPECT_NEAR(name["iou"], 2.0 / 3, 1e-7);  // as JSON writes it
    EXPECT_EQ(name["patches"], 3);
  }
  EXPECT_THAT(text.out, ::testing::HasSubstr("(faces_easy 2 of 3)"));
  refused(with_small_model({"concepts", photo("portrait.jpg"), "--patches", file("patches.h5"),
                            "-o", file("x.h5")}),
          "--patches: names come of the patches file alone");
  refused(with_small_model({"concepts", "--patches", file("patches.h5"), "--min-share", "0", "-o",
                            file("x.h5")}),
          "--min-share 0: give a share");
  refused(with_small_model({"concepts", photo("portrait.jpg"), "-o", file("x.h5")}),
          "--regions is required");
  // What is of images alone.
  for (const Args& flag :
       {Args{"--resume"}, Args{"--layers", "conv5_3"}, Args{"--share", "0.1"},
        Args{"--min-iou", "0.1"}, Args{"--limit", "1"}, Args{"--batch", "1"}, Args{"--every", "2"},
        Args{"--image-set", "val"}, Args{"--region-names", "n.txt"}, Args{"--region-kind", "any"},
        Args{"--first-label", "0"}, Args{"--exif"}}) {
    Args more{"concepts", "--patches", file("patches.h5"), "-o", file("x.h5")};
    more.insert(more.end(), flag.begin(), flag.end());
    const CommandResult said = run(with_small_model(more));
    EXPECT_EQ(said.code, 2);
    EXPECT_THAT(said.err, ::testing::HasSubstr("excludes"));
    EXPECT_THAT(said.err, ::testing::HasSubstr(flag.front()));
  }
}

TEST_F(ConceptsCommand, GoesOnWhereItWasKilled) {
  run_json(with({"--share", "0.1"}, "a.h5"));
  EXPECT_FALSE(std::filesystem::exists(file("a.h5.partial")));
  write_text(file("b.h5.partial"), "hdecomp");
  refused(with({"--share", "0.1"}, "b.h5"), "an earlier run's; give --resume to go on with it");
  refused(with({"--share", "0.1", "--resume"}, "b.h5"), "is nothing that a run of concepts left");
  std::filesystem::remove(file("b.h5.partial"));
  run_json(with({"--share", "0.1", "--resume"}, "b.h5"));
  EXPECT_EQ(read_bytes(file("a.h5")), read_bytes(file("b.h5")));
}

/// Numbers of another device or precision, or of other segmentations, are not added up.
TEST_F(ConceptsCommand, DoesNotGoOnOtherwise) {
  const std::vector<std::pair<std::string, std::string>> others{
      {"the device", "cuda"},
      {"the option precision", "tf32"},
      {"the folder of segmentations", "/elsewhere"}};
  const std::vector<std::string> ours{"cpu", "float32",
                                      std::filesystem::canonical(file("regions"))};
  std::vector<std::pair<std::string, std::string>> plan;
  for (size_t i = 0; i < others.size(); ++i) {
    plan.push_back(others[i]);
    const Ranks ranks;
    ConceptSearch search(
        Model::bundled("vgg16-slim"), {.device = "cpu"}, {},
        RegionLabels::open(file("regions"), file("names.txt"), RegionKind::any, std::nullopt));
    const std::string name = joined(i, ".h5");
    ConceptRun(search, ranks, {file(name)}, plan, 3);  // killed at once
    refused(with({"--resume"}, name), joined("cannot go on: ", others[i].first, " is '",
                                             others[i].second, "' in the file and "));
    plan.back().second = ours[i];
  }
}

TEST_F(ConceptsCommand, SkipsWhatHasNoSegmentation) {
  std::filesystem::remove(file("regions/coffee.png"));
  const CommandResult result = run(with({}, "a.h5"));
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(lines_of(result.err), 1u);
  EXPECT_THAT(result.err, ::testing::HasSubstr("coffee.png: there is no segmentation of it"));
  EXPECT_THAT(result.out, ::testing::EndsWith("2 images, 1 skipped\n"));
  std::filesystem::remove(file("photos/coffee.png"));
  run_json(with({}, "b.h5"));
  EXPECT_EQ(read_bytes(file("a.h5")), read_bytes(file("b.h5")));
}

TEST_F(ConceptsCommand, ExplainShowsTheNames) {
  run_json(with({"--min-iou", "0"}, "c.h5"));
  const Args args{"explain", photo("portrait.jpg"), "--device",  "cpu", "--depth",
                  "1",       "--concepts",          file("c.h5")};
  const Json tree = run_json(args);
  const Json& names = tree["concepts"]["conv5_3"];
  ASSERT_FALSE(names.empty());
  Args more = args;
  more.insert(more.end(), {"--output-dir", file("out"), "--html", "--no-pictures"});
  const CommandResult text = run(more);
  ASSERT_EQ(text.code, 0) << text.err;
  size_t shown = 0;
  for (const Json& child : tree["steps"].front()["children"]) {
    const std::string channel = std::to_string(child["channel"].get<int>());
    if (!names.contains(channel)) continue;
    std::ostringstream words;
    words.precision(2);
    words << std::fixed << "(" << names[channel]["name"].get<std::string>() << " "
          << names[channel]["iou"].get<double>() << ")";
    EXPECT_THAT(text.out, ::testing::HasSubstr(words.str()));
    ++shown;
  }
  EXPECT_EQ(shown, names.size());
  EXPECT_EQ(read_json(file("out/tree.json"))["concepts"], tree["concepts"]);
  // The page has all channels' names, for its bars.
  const Json page = page_of(content("out/report.html"));
  EXPECT_GT(page["concepts"]["conv5_3"].size(), names.size());
  EXPECT_FALSE(run_json({"explain", photo("portrait.jpg"), "--device", "cpu", "--depth", "1"})
                   .contains("concepts"));
}

TEST_F(ConceptsCommand, TheServersPageHasTheNames) {
  run_json(with({"--min-iou", "0"}, "c.h5"));
  const serve_testing::ServerProcess server({"--concepts", file("c.h5")});
  httplib::Client client("127.0.0.1", server.port());
  const auto answer = client.Get("/api/explain?image=portrait.jpg&depth=1");
  ASSERT_TRUE(answer);
  const Json page = parse_json(answer->body.substr(0, answer->body.find('\n')))["page"];
  EXPECT_GT(page["concepts"]["conv5_3"].size(), 20u);
  const auto saved = client.Get("/api/tree.json?image=portrait.jpg&depth=1");
  ASSERT_TRUE(saved);
  const Json tree = run_json({"explain", photo("portrait.jpg"), "--device", "cpu", "--depth", "1",
                              "--concepts", file("c.h5")});
  EXPECT_EQ(parse_json(saved->body)["concepts"], tree["concepts"]);
}

TEST_F(ConceptsCommand, FilesOfAnotherModelAndOtherMistakesAreALine) {
  run_json(with({"--layers", "conv5_3"}, "c.h5"));
  refused({"explain", photo("portrait.jpg"), "--model", "squeezenet", "--concepts", file("c.h5")},
          "c.h5: concepts of another model: its SHA-256 is ");
  explain_refused({"--concepts", file("none.h5")},
                  "there is no such file; hdecomp concepts writes it");
  refused({"serve", "--port", "0", "--concepts", file("none.h5")}, "there is no such file");
  refused(with({"--share", "0"}, "d.h5"), "--share 0: give a share of the values");
  refused(with({"--min-iou", "2"}, "d.h5"), "--min-iou 2: give 0 to 1");
  refused(with({"--layers", "scores"}, "d.h5"),
          "--layers scores: give layers below the class scores");
  refused(with({"--layers", "conv9"}, "d.h5"), "conv9");
  refused(with({"--layers", "conv5_3,conv1_2,conv5_3"}, "d.h5"),
          "--layers: a layer is named twice");
  refused(with({}, "d.txt"), "give a file name that ends with .h5");
}

}  // namespace
}  // namespace hdecomp
