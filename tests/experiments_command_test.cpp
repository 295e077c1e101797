/// The verbs pcc, masking and distribution: their numbers, their files, and runs that are killed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <random>

#include "tests/command_errors_testing.h"
#include "tests/slim_models.h"
#include "weights/model_file.h"

namespace hdecomp {
namespace {

using namespace command_testing;
using file_testing::read_bytes;

class Experiments : public CommandErrors {
 protected:
  /// The verb over images, in a list, of the bundled photographs.
  Args over(const std::string& verb, const Args& names, const Args& more = {}) const {
    std::string lines;
    for (const std::string& name : names) lines += name + "\n";
    write_text(file("list.txt"), lines);
    Args args{verb, "--list", file("list.txt"), "--root", photo("")};
    args.insert(args.end(), more.begin(), more.end());
    return args;
  }

  /// A row of the command's table by its first cell.
  static Args row(const Json& json, const std::string& name) {
    for (const Json& row : json["rows"]) {
      if (row[0] == name) return row.get<Args>();
    }
    ADD_FAILURE() << "no row " << name;
    return {};
  }
};

std::string three_digits(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.3f", value);
  return buffer;
}

TEST_F(Experiments, PccIsTheCorrelationOfEachStepOfTheTopOnePath) {
  const Json json = run_json(over("pcc", {"chelsea.jpg"}, {"-o", file("pcc.h5")}));
  EXPECT_EQ(json["measured"], 1);
  Json node = run_json({"explain", photo("chelsea.jpg"), "--top", "1"})["root"];
  for (size_t step = 1; step <= 5; ++step, node = node["children"][0]) {
    const std::string from =
        step == 1 ? text("class:", node["channel"].get<int>())
                  : text(node["layer"].get<std::string>(), ":", node["channel"].get<int>(), "@",
                         node["y"].get<int>(), ",", node["x"].get<int>());
    const Json truth =
        run_json({"ablate", photo("chelsea.jpg"), "--from", from, "--device", "cpu"});
    const Json& expected = truth["correlations"];
    EXPECT_EQ(row(json, "AA").at(step), three_digits(expected["contribution"])) << from;
    EXPECT_EQ(row(json, "MA").at(step), three_digits(expected["peak"])) << from;
    EXPECT_EQ(row(json, "AG").at(step), three_digits(expected["mean_gradient"])) << from;
    EXPECT_EQ(row(json, "MG").at(step), three_digits(expected["max_gradient"])) << from;
    EXPECT_EQ(row(json, "decisions").at(step), "1");
  }
}

TEST_F(Experiments, AllDecisionsAreTheDistinctOnesOfTheTree) {
  const Args args = over("pcc", {"portrait.jpg"}, {"--all-decisions", "-o", file("pcc.h5")});
  const Json tree = run_json({"explain", photo("portrait.jpg"), "--top", "3"});
  const Args counts = row(run_json(args), "decisions");
  int64_t all = 0;
  for (size_t step = 1; step <= 5; ++step) all += std::stoll(counts.at(step));
  EXPECT_EQ(all, tree["decompositions"]);
}

TEST_F(Experiments, MaskingTheMostImportantLowersTheDecision) {
  const Json json =
      run_json(over("masking", {"chelsea.jpg", "portrait.jpg"}, {"-o", file("m.h5")}));
  for (const char* step : {"conv5_3->conv4_3", "conv4_3->conv3_3", "conv3_3->conv2_2"}) {
    const Args most = row(json, text(step, " most")), least = row(json, text(step, " least"));
    double before = 0;
    for (size_t i = 1; i <= 4; ++i) {  // 1, 2, 4, 8 channels
      EXPECT_LT(std::stod(most.at(i)), before) << step << " " << i;
      EXPECT_GT(std::stod(least.at(i)), 0) << step << " " << i;
      before = std::stod(most.at(i));
    }
  }
  // Every channel together is both ends of the ranking.
  EXPECT_EQ(row(json, "conv2_2->conv1_2 most").at(5), row(json, "conv2_2->conv1_2 least").at(5));
  EXPECT_EQ(row(json, "conv2_2->conv1_2 most").at(6), "-");  // of 16 channels
}

TEST_F(Experiments, DistributionCountsTheActivatedChannels) {
  const Args args = over("distribution", {"coffee.jpg"});
  const auto with = [&](const Args& more, const std::string& output) {
    Args all = args;
    all.insert(all.end(), more.begin(), more.end());
    all.insert(all.end(), {"-o", file(output)});
    return run_json(all);
  };
  const Json json = with({}, "d.h5"), none = with({"--merge-overlaps", "1"}, "none.h5"),
             any = with({"--merge-overlaps", "0"}, "any.h5");
  const Json step =
      run_json({"ablate", photo("coffee.jpg"), "--from", "class:99", "--device", "cpu"});
  int64_t activated = 0;
  for (const Json& alpha : step["decision"]["decomposition"]["contributions"]) {
    activated += alpha.get<double>() > 0 ? 1 : 0;
  }
  EXPECT_EQ(std::stod(row(json, "activated channels").at(1)), static_cast<double>(activated));
  const auto overlapping = [](const Json& of) {
    return std::stod(row(of, "of them overlapping").at(1));
  };
  EXPECT_EQ(overlapping(none), 0);
  EXPECT_GT(overlapping(json), 0);
  EXPECT_GT(overlapping(any), overlapping(json));
  const Json one = with({"--peaks", "1"}, "one.h5");
  const auto extra = [](const Json& of, size_t at) {
    return std::stod(row(of, "A at further peaks, of positive A").at(at));
  };
  EXPECT_EQ(extra(one, 3), 0);
  EXPECT_GT(extra(json, 3), 0);
}

TEST_F(Experiments, SkipsAndCountsWhatCannotBeRead) {
  std::filesystem::copy_file(photo("chelsea.jpg"), file("a.jpg"));
  write_text(file("b.jpg"), "no image");
  const CommandResult result = run({"pcc", files_, "-o", file("pcc.h5")});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(lines_of(result.err), 1u);
  EXPECT_NE(result.err.find(file("b.jpg")), std::string::npos) << result.err;
  EXPECT_NE(result.out.find("1 images measured, 1 unreadable"), std::string::npos) << result.out;
  // It is tried again, and once it is there its row is as if it always had been.
  std::filesystem::copy_file(photo("portrait.jpg"), file("b.jpg"),
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(run({"pcc", files_, "-o", file("pcc.h5"), "--resume"}).code, 0);
  EXPECT_EQ(run({"pcc", files_, "-o", file("new.h5"), "--batch", "1"}).code, 0);
  EXPECT_EQ(read_bytes(file("pcc.h5")), read_bytes(file("new.h5")));
  EXPECT_EQ(read_bytes(file("pcc.md")), read_bytes(file("new.md")));
}

TEST_F(Experiments, TablesGoBesideTheResults) {
  ASSERT_EQ(run(over("pcc", {"chelsea.jpg"}, {"-o", file("pcc.h5")})).code, 0);
  const auto content = [&](const char* name) {
    const Bytes bytes = read_bytes(file(name));
    return std::string(bytes.begin(), bytes.end());
  };
  EXPECT_TRUE(content("pcc.csv").starts_with("PCC,scores->conv5_3,conv5_3->conv4_3,"));
  EXPECT_TRUE(content("pcc.md").starts_with("| PCC | scores->conv5_3 | conv5_3->conv4_3 | "));
  EXPECT_EQ(lines_of(content("pcc.csv")), 10u);
  EXPECT_EQ(lines_of(content("pcc.md")), 11u);
}

TEST_F(Experiments, TakesAVocSet) {
  for (const char* folder : {"/JPEGImages", "/ImageSets/Main"}) {
    std::filesystem::create_directories(files_ + folder);
  }
  std::filesystem::copy_file(photo("chelsea.jpg"), file("JPEGImages/1.jpg"));
  std::filesystem::copy_file(photo("portrait.jpg"), file("JPEGImages/2.jpg"));
  write_text(file("ImageSets/Main/val.txt"), "2\n1\n");
  write_text(file("ImageSets/Main/boat_val.txt"), "2 -1\n1  1\n");
  write_text(file("ImageSets/Main/dog_val.txt"), "2 -1\n1 -1\n");
  write_text(file("ImageSets/Main/bad.txt"), "3\n");
  const auto images = [&](const std::string& set) {
    Args shown;
    const Json json = run_json({"classify", files_, "--image-set", set});
    for (const Json& one : json["images"]) shown.push_back(one["image"]);
    return shown;
  };
  EXPECT_EQ(images("val"), (Args{"JPEGImages/2.jpg", "JPEGImages/1.jpg"}));
  EXPECT_EQ(images("Main/boat_val"), Args{"JPEGImages/1.jpg"});
  refused({"pcc", files_, "--image-set", "none", "-o", file("p.h5")}, "ImageSets/Main/none.txt");
  refused({"pcc", files_, "--image-set", "bad", "-o", file("p.h5")}, "JPEGImages/3.jpg");
  refused({"pcc", files_, "--image-set", "dog_val", "-o", file("p.h5")}, "no image of its class");
  EXPECT_FALSE(std::filesystem::exists(file("p.h5")));
}

TEST_F(Experiments, RefuseAndLeaveNothing) {
  const auto bad = [&](const Args& more, const std::string& part) {
    refused(over("pcc", {"chelsea.jpg"}, more), part);
  };
  bad({}, "--output");
  bad({"-o", file("p.txt")}, ".h5");
  bad({"-o", file("none/p.h5")}, "none/p.h5");
  bad({"-o", file("p.h5"), "--class", "unicorn"}, "unicorn");
  bad({"-o", file("p.h5"), "--class", "label"}, "--labels");
  bad({"-o", file("p.h5"), "--fill", "one"}, "--fill");
  bad({"-o", file("p.h5"), "--top", "0"}, "--top 0");
  write_text(file("labels.txt"), "12\n36\n");
  bad({"-o", file("p.h5"), "--labels", file("labels.txt")}, "2 labels for 1 images");
  std::filesystem::create_directory(file("empty"));
  refused({"pcc", file("empty"), "-o", file("p.h5")}, "no images in this folder");
  refused(over("distribution", {"chelsea.jpg"}, {"-o", file("p.h5"), "--merge-overlaps", "2"}),
          "--merge-overlaps 2");
  EXPECT_FALSE(std::filesystem::exists(file("p.h5")));
  ASSERT_EQ(run(over("pcc", {"chelsea.jpg"}, {"-o", file("p.h5")})).code, 0);
  const auto whole = read_bytes(file("p.h5"));
  bad({"-o", file("p.h5")}, "--resume");
  bad({"-o", file("p.h5"), "--resume", "--fill", "zero"}, "option fill");
  refused(over("masking", {"chelsea.jpg"}, {"-o", file("p.h5"), "--resume"}), "experiment");
  refused(over("pcc", {"coffee.jpg"}, {"-o", file("p.h5"), "--resume"}),
          "image 1 is 'chelsea.jpg'");
  write_model(testing_models::slim_model("vgg16", 96), file("other.h5"));
  bad({"-o", file("p.h5"), "--resume", "--model", file("other.h5")}, "the model's SHA-256");
  EXPECT_EQ(read_bytes(file("p.h5")), whole);
}

/// Starts the command and kills it after some time; whether it was still at work.
bool killed_after(Args args, std::chrono::milliseconds time) {
  args.insert(args.begin(), "hdecomp");
  std::vector<char*> argv;
  for (std::string& arg : args) argv.push_back(arg.data());
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    setenv("OMP_WAIT_POLICY", "passive", 1);
    execv(HDECOMP_COMMAND, argv.data());
    _exit(99);
  }
  usleep(static_cast<useconds_t>(std::chrono::microseconds(time).count()));
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status);
}

TEST_F(Experiments, KilledTenTimesAndResumedTheResultsAreTheSameBytes) {
  Args names;
  for (int i = 0; i < 40; ++i) {
    for (const char* name : {"chelsea.jpg", "portrait.jpg", "coffee.jpg"}) names.push_back(name);
  }
  const Args whole = over("pcc", names, {"-o", file("whole.h5")});
  ASSERT_EQ(run(whole).code, 0);
  const Args parts =
      over("pcc", names, {"-o", file("parts.h5"), "--resume", "--batch", "1", "--threads", "1"});
  std::mt19937 random(3);
  int kills = 0;
  for (int i = 0; i < 10; ++i) {
    kills += killed_after(parts, std::chrono::milliseconds(80 + random() % 250)) ? 1 : 0;
  }
  EXPECT_GE(kills, 5);
  const CommandResult last = run(parts);
  ASSERT_EQ(last.code, 0) << last.err;
  EXPECT_EQ(read_bytes(file("parts.h5")), read_bytes(file("whole.h5")));
  EXPECT_EQ(read_bytes(file("parts.csv")), read_bytes(file("whole.csv")));
}

}  // namespace
}  // namespace hdecomp
