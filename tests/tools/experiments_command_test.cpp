/// The verbs pcc, masking and distribution: their numbers, their tables and their lists of images.
#include <gtest/gtest.h>

#include "tests/support/slim_models.h"
#include "tests/tools/experiments_testing.h"
#include "weights/model/model_file.h"

namespace hdecomp {
namespace {

using namespace command_testing;
using file_testing::read_bytes;

TEST_F(Experiments, PccIsTheCorrelationOfEachStepOfTheTopOnePath) {
  const Json json = run_json(over("pcc", {"chelsea.jpg"}, {"-o", file("pcc.h5")}));
  EXPECT_EQ(json["measured"], 1);
  Json node =
      walkable(run_json({"explain", photo("chelsea.jpg"), "--top", "1", "--device", "cpu"}));
  for (size_t step = 1; step <= 5; ++step, node = node["children"][0]) {
    const std::string from =
        step == 1 ? joined("class:", node["channel"].get<int>())
                  : joined(node["layer"].get<std::string>(), ":", node["channel"].get<int>(), "@",
                           node["y"].get<int>(), ",", node["x"].get<int>());
    const Json truth =
        run_json({"ablate", photo("chelsea.jpg"), "--from", from, "--device", "cpu"});
    const Json& expected = truth["correlations"];
    EXPECT_EQ(row(json, "AA").at(step), in_digits(expected["contribution"], 3)) << from;
    EXPECT_EQ(row(json, "MA").at(step), in_digits(expected["peak"], 3)) << from;
    EXPECT_EQ(row(json, "AG").at(step), in_digits(expected["mean_gradient"], 3)) << from;
    EXPECT_EQ(row(json, "MG").at(step), in_digits(expected["max_gradient"], 3)) << from;
    EXPECT_EQ(row(json, "AF").at(step), in_digits(expected["first_order"], 3)) << from;
    EXPECT_GT(expected["first_order"], step == 1 ? 0.5 : 0.95) << from;
    EXPECT_EQ(row(json, "decisions").at(step), "1");
  }
}

TEST_F(Experiments, AllDecisionsAreTheDistinctOnesOfTheTree) {
  const Args args = over("pcc", {"portrait.jpg"}, {"--all-decisions", "-o", file("pcc.h5")});
  const Json tree = run_json({"explain", photo("portrait.jpg"), "--top", "3", "--device", "cpu"});
  const Args counts = row(run_json(args), "decisions");
  int64_t all = 0;
  for (size_t step = 1; step <= 5; ++step) all += std::stoll(counts.at(step));
  EXPECT_EQ(all, tree["decompositions"]);
}

TEST_F(Experiments, ClassLabelTakesEachImagesOwn) {
  // A flat folder with a label list, as ILSVRC's validation set has it.
  std::filesystem::create_directory(file("val"));
  std::filesystem::copy_file(photo("chelsea.jpg"), file("val/1.jpg"));
  std::filesystem::copy_file(photo("chelsea.jpg"), file("val/2.jpg"));
  write_text(file("labels.txt"), "12\nrooster\n");
  const auto table = [&](const Args& more, const std::string& output) {
    Args args{"pcc", file("val"), "-o", file(output), "--device", "cpu"};
    args.insert(args.end(), more.begin(), more.end());
    return run_json(args);
  };
  const Json own = table({"--labels", file("labels.txt"), "--class", "label"}, "own.h5");
  const Json first =
      table({"--labels", file("labels.txt"), "--class", "label", "--limit", "1"}, "first.h5");
  const Json second = table({"--class", "rooster", "--limit", "1"}, "second.h5");
  for (size_t step = 1; step <= 5; ++step) {
    const double mean =
        (std::stod(row(first, "MA").at(step)) + std::stod(row(second, "MA").at(step))) / 2;
    EXPECT_NEAR(std::stod(row(own, "MA").at(step)), mean, 0.0011) << step;  // of rounded cells
  }
  EXPECT_NE(row(first, "MA"), row(second, "MA"));
}

TEST_F(Experiments, MaskingTheMostImportantLowersTheDecision) {
  const Json json =
      run_json(over("masking", {"chelsea.jpg", "portrait.jpg"}, {"-o", file("m.h5")}));
  for (const char* step : {"conv5_3->conv4_3", "conv4_3->conv3_3", "conv3_3->conv2_2"}) {
    const Args most = row(json, joined(step, " most")), least = row(json, joined(step, " least"));
    double before = 0;
    for (size_t i = 1; i <= 4; ++i) {  // 1, 2, 4, 8 channels
      EXPECT_LT(std::stod(most.at(i)), before) << step << " " << i;
      EXPECT_GT(std::stod(least.at(i)), 0) << step << " " << i;
      before = std::stod(most.at(i));
    }
  }
  // Set to their means, the channels furthest above them matter more.
  for (const char* step : {"conv5_3->conv4_3", "conv4_3->conv3_3", "conv3_3->conv2_2"}) {
    const auto of_eight = [&](const char* rank) {
      return std::stod(row(json, joined(step, " ", rank)).at(4));
    };
    EXPECT_LT(of_eight("most, above the mean"), of_eight("most")) << step;
    EXPECT_GT(of_eight("least, above the mean"), of_eight("least")) << step;
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
  for (const Json& alpha : step["step"]["contributions"]) {
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

TEST_F(Experiments, TablesGoBesideTheResults) {
  const CommandResult told = run(over("pcc", {"chelsea.jpg"}, {"-o", file("pcc.h5")}));
  ASSERT_EQ(told.code, 0);
  EXPECT_TRUE(told.out.ends_with("wrote " + file("pcc.h5") + ", " + file("pcc.csv") + ", " +
                                 file("pcc.md") + "\n"))
      << told.out;
  EXPECT_NE(told.out.find("\nPearson's correlation with the drops: AA, MA"), std::string::npos);
  const auto content = [&](const char* name) {
    const Bytes bytes = read_bytes(file(name));
    return std::string(bytes.begin(), bytes.end());
  };
  EXPECT_TRUE(content("pcc.csv").starts_with("PCC,scores->conv5_3,conv5_3->conv4_3,"));
  EXPECT_TRUE(content("pcc.md").starts_with("| PCC | scores->conv5_3 | conv5_3->conv4_3 | "));
  EXPECT_EQ(lines_of(content("pcc.csv")), 13u);
  EXPECT_EQ(lines_of(content("pcc.md")), 14u);
}

TEST_F(Experiments, LeaveOutWhatTheFillDoesNotChange) {
  // Global average pooling takes the mean anyway.
  write_model(testing_models::slim_model("resnet18", 96), file("pooled.h5"));
  const auto with = [&](const std::string& verb, const std::string& fill, Args more) {
    more.insert(more.end(), {"--model", file("pooled.h5"), "--fill", fill, "-o",
                             file(verb + "_" + fill + ".h5")});
    return over(verb, {"chelsea.jpg", "portrait.jpg"}, more);
  };
  for (const std::string verb : {"pcc", "masking", "distribution"}) {
    const Json mean = run_json(with(verb, "mean", {})), zero = run_json(with(verb, "zero", {}));
    const auto measured = mean["measured"].get<int64_t>();
    EXPECT_GT(measured, 0);
    EXPECT_EQ(mean["unchanged"].at(0), measured) << verb;
    EXPECT_EQ(zero["unchanged"].at(0), 0) << verb;
    for (size_t t = 1; t < 5; ++t) EXPECT_EQ(mean["unchanged"].at(t), 0) << verb << t;
    if (verb == "distribution") continue;
    const std::string first = verb == "pcc" ? "AA" : "scores->layer4 most";
    EXPECT_EQ(row(mean, first).at(1), "-");
    EXPECT_NE(row(zero, first).at(1), "-");
  }
  const Json again = run_json(with("pcc", "mean", {"--resume"}));
  for (const char* name : {"AA constant", "AF constant", "the fill changes nothing"}) {
    EXPECT_EQ(row(again, name).at(1), joined(again["measured"].get<int64_t>()));
  }
  const CommandResult text = run(with("pcc", "mean", {"--resume"}));
  EXPECT_NE(text.out.find("scores->layer4: at "), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("--fill zero or --fill means.h5"), std::string::npos) << text.out;
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

}  // namespace
}  // namespace hdecomp
