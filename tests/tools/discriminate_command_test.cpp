/// The verb discriminate, and --every. tests/compare_diagnosis.py holds its numbers against numpy.
#include <gmock/gmock.h>

#include "tests/tools/experiments_testing.h"
#include "tests/tools/page_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;
using file_testing::read_bytes;

const Args labels{"faces_easy", "bonsai", "faces_easy"};

class DiscriminateCommand : public Experiments {
 protected:
  Args with(const Args& more, const std::string& output) {
    write_text(file("labels.txt"), labels[0] + "\n" + labels[1] + "\n" + labels[2] + "\n");
    Args args = over("discriminate", {"portrait.jpg", "coffee.jpg", "chelsea.jpg"},
                     {"--labels", file("labels.txt"), "-o", file(output)});
    args.insert(args.end(), more.begin(), more.end());
    return args;
  }
};

/// By channel of the last stage: D over the two classes, from the trees that explain prints.
TEST_F(DiscriminateCommand, CountsTheChannelsOfTheTreesDecisions) {
  std::map<int, std::map<std::string, int>> counts;
  const Args photos{"portrait.jpg", "coffee.jpg", "chelsea.jpg"};
  for (size_t i = 0; i < photos.size(); ++i) {
    const Json tree = run_json({"explain", photo(photos[i]), "--device", "cpu"});
    for (const auto& [place, step] : tree["steps"].items()) {
      if (step["layer"] != "conv3_3") continue;
      for (const Json& child : step["children"]) ++counts[child["channel"]][labels[i]];
    }
  }
  double sum = 0, enough = 0;
  for (const auto& [channel, by_class] : counts) {
    int most = 0, all = 0;
    for (const auto& [name, count] : by_class) {
      most = std::max(most, count);
      all += count;
    }
    if (all < 2) continue;
    sum += static_cast<double>(most) / all;
    ++enough;
  }
  ASSERT_GT(enough, 2);
  const Json json = run_json(with({"--min-count", "2"}, "d.h5"));
  EXPECT_EQ(json["header"][3], "conv3_3");
  EXPECT_NEAR(std::stod(row(json, "D, chosen 2 times").at(3)), sum / enough, 5.1e-4);
  EXPECT_EQ(std::stod(row(json, "never chosen").at(3)),
            std::stod(row(json, "all").at(3)) - static_cast<double>(counts.size()));
  EXPECT_EQ(row(json, "the least D, 1 / classes").at(1), "0.500");
  EXPECT_TRUE(content("d.channels.csv").starts_with("layer,channel,chosen,class,name,D,"));
  EXPECT_EQ(lines_of(content("d.channels.csv")),
            1 + std::stoul(row(json, "all").at(1)) + std::stoul(row(json, "all").at(2)) +
                std::stoul(row(json, "all").at(3)) + std::stoul(row(json, "all").at(4)) +
                std::stoul(row(json, "all").at(5)));
}

TEST_F(DiscriminateCommand, CountsAnImageOnce) {
  const Json by_image = run_json(with({"--count", "image", "--min-count", "1"}, "i.h5"));
  EXPECT_EQ(by_image["options"]["count"], "image");
  for (const Args& cells : cells_of(content("i.channels.csv"))) {
    if (cells[0] != "conv5_3" && cells[0] != "conv1_2") continue;
    EXPECT_LE(std::stoi(cells.at(2)), 3) << cells[0] << ":" << cells[1];
  }
}

TEST_F(DiscriminateCommand, IsTheSameInAnyBatchAndAfterAResume) {
  run_json(with({"--batch", "1"}, "a.h5"));
  run_json(with({"--batch", "3"}, "b.h5"));
  EXPECT_EQ(read_bytes(file("a.h5")), read_bytes(file("b.h5")));
  EXPECT_EQ(content("a.channels.csv"), content("b.channels.csv"));
  run_json(with({"--resume"}, "a.h5"));
  EXPECT_EQ(read_bytes(file("a.h5")), read_bytes(file("b.h5")));
}

/// What no row hangs on is counted again; the file then says how.
TEST_F(DiscriminateCommand, CountsAgainWithOtherOptionsOfItsTable) {
  const Args first{"--min-count", "2", "--shuffles", "3"};
  const Args second{"--min-count", "12", "--shuffles", "5", "--seed", "7"};
  run_json(with(first, "a.h5"));
  const auto before = read_bytes(file("a.h5"));
  std::filesystem::copy_file(file("a.h5"), file("kept.h5"));
  const Json fresh = run_json(with(second, "b.h5"));
  Args again = second;
  again.push_back("--resume");
  const Json recounted = run_json(with(again, "a.h5"));
  EXPECT_EQ(recounted["rows"], fresh["rows"]);
  EXPECT_EQ(recounted["options"], fresh["options"]);
  EXPECT_EQ(content("a.channels.csv"), content("b.channels.csv"));
  // Its rows are where they were, and now it is a file of the second options.
  EXPECT_EQ(run_json(with(again, "a.h5"))["rows"], fresh["rows"]);
  Args back = first;
  back.push_back("--resume");
  EXPECT_EQ(run_json(with(back, "a.h5"))["rows"], run_json(with(back, "kept.h5"))["rows"]);
  EXPECT_EQ(read_bytes(file("kept.h5")), before);
  // What rows hang on is refused as before.
  const CommandResult other = run(with({"--resume", "--count", "image"}, "a.h5"));
  EXPECT_EQ(other.code, 2);
  EXPECT_THAT(other.err, ::testing::HasSubstr("the option count is 'decision' in the file"));
}

/// Its numbers are the table's; a finished file is drawn without measuring again.
TEST_F(DiscriminateCommand, APageShowsTheTables) {
  const Json json = run_json(with({"--min-count", "2", "--html"}, "d.h5"));
  const Json page = page_of(content("d.html"))["discrimination"];
  EXPECT_EQ(page["images"], 3);
  EXPECT_EQ(page["min_count"], "2");
  ASSERT_EQ(page["stages"].size(), 5u);
  std::map<std::pair<std::string, std::string>, Args> table;  // by layer and channel
  for (const Args& cells : cells_of(content("d.channels.csv"))) table[{cells[0], cells[1]}] = cells;
  for (size_t s = 0; s < 5; ++s) {
    const Json& stage = page["stages"][s];
    const auto cell_of = [&](const std::string& name) {
      return std::stod(row(json, name).at(s + 1));
    };
    EXPECT_EQ(stage["layer"], json["header"][s + 1]);
    EXPECT_EQ(stage["never"], cell_of("never chosen"));
    EXPECT_EQ(stage["rare"], cell_of("chosen less than 2 times"));
    EXPECT_NEAR(stage["mean"], cell_of("D, chosen 2 times"), 5.1e-4);
    EXPECT_NEAR(stage["by_chance"], cell_of("D by chance, chosen 2 times"), 5.1e-4);
    EXPECT_NEAR(stage["quartiles"][1], cell_of("D, chosen 2 times, median"), 5.1e-4);
    double own = 0, chance = 0;
    for (const Json& count : stage["own"]) own += count.get<double>();
    for (const Json& count : stage["chance"]) chance += count.get<double>();
    EXPECT_EQ(own, stage["counted"]);
    EXPECT_NEAR(chance, own, 1e-9);
    double last = 1;
    ASSERT_FALSE(stage["channels"].empty());
    for (const Json& one : stage["channels"]) {
      EXPECT_GE(last, one["degree"].get<double>());
      last = one["degree"];
      const Args& cells = table[{stage["layer"], dump_json(one["channel"])}];
      ASSERT_GT(cells.size(), 6u) << stage["layer"] << one["channel"];
      EXPECT_EQ(cells[2], dump_json(one["chosen"]));
      EXPECT_EQ(cells[4], one["class"]);
      EXPECT_EQ(cells[5], in_digits(last, 6));
    }
  }
  std::filesystem::remove(file("d.html"));
  run_json(with({"--min-count", "2", "--html", "--resume"}, "d.h5"));
  EXPECT_EQ(page_of(content("d.html"))["discrimination"], page);
}

TEST_F(DiscriminateCommand, APageShowsWhatItsChannelsLookFor) {
  ASSERT_EQ(
      run(over("patches", {"portrait.jpg", "coffee.jpg"}, {"-o", file("p.h5"), "--top", "2"})).code,
      0);
  ASSERT_EQ(
      run({"concepts", "--patches", file("p.h5"), "--min-share", "0.5", "-o", file("c.h5")}).code,
      0);
  run_json(
      with({"--min-count", "1", "--html", "--patches", file("p.h5"), "--concepts", file("c.h5")},
           "d.h5"));
  const Json page = page_of(content("d.html"));
  size_t shown = 0, named = 0;
  for (const Json& stage : page["discrimination"]["stages"]) {
    for (const Json& one : stage["channels"]) {
      const std::string name = joined(stage["layer"].get<std::string>(), ":", one["channel"]);
      ASSERT_TRUE(page["patches"].contains(name)) << name;
      EXPECT_EQ(page["patches"][name][0]["by"], "activation");
      ++shown;
      named += one.contains("name") ? 1 : 0;
    }
  }
  EXPECT_EQ(page["patches"].size(), shown);
  EXPECT_GT(named, 0u);
  const CommandResult none = run(with({"--concepts", file("c.h5")}, "n.h5"));
  EXPECT_EQ(none.code, 2);
  EXPECT_THAT(none.err, ::testing::HasSubstr("--html"));
  const CommandResult early = run(with({"--html", "--patches", file("list.txt")}, "n.h5"));
  EXPECT_EQ(early.code, 2);
  EXPECT_THAT(early.err, ::testing::HasSubstr("list.txt"));
  EXPECT_FALSE(std::filesystem::exists(file("n.h5")));
}

TEST_F(DiscriminateCommand, NeedsLabels) {
  const CommandResult result = run(over("discriminate", {"portrait.jpg"}, {"-o", file("none.h5")}));
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, ::testing::HasSubstr("give --labels"));
  EXPECT_FALSE(std::filesystem::exists(file("none.h5")));
}

TEST_F(DiscriminateCommand, EveryTakesTheFirstAndFromThereEachNth) {
  const auto shown = [&](const Args& flags) {
    Args args = over("classify", {"portrait.jpg", "coffee.jpg", "chelsea.jpg"}, {});
    args.insert(args.end(), flags.begin(), flags.end());
    Args names;
    const Json json = run_json(args);
    for (const Json& image : json["images"]) names.push_back(image["image"]);
    return names;
  };
  EXPECT_EQ(shown({"--every", "2"}), (Args{"portrait.jpg", "chelsea.jpg"}));
  EXPECT_EQ(shown({"--every", "5"}), Args{"portrait.jpg"});
  // Labels told by order are those of all images of the list.
  const Json json = run_json(with({"--every", "2", "--limit", "2"}, "e.h5"));
  EXPECT_EQ(json["measured"], 2);
  EXPECT_EQ(row(json, "the least D, 1 / classes").at(1), "1.000");  // both faces_easy
  EXPECT_EQ(run(over("classify", {"portrait.jpg"}, {"--every", "0"})).code, 2);
  const Json trees = run_json(over("explain", {"portrait.jpg", "coffee.jpg"}, {"--every", "2"}));
  EXPECT_EQ(trees["images"].size(), 1u);
}

}  // namespace
}  // namespace hdecomp
