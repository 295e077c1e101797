/// What explain says of a decision as a sum: a sentence, bars, what each channel adds or takes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "hdecomp/error.h"
#include "tests/tools/command_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;
using ::testing::HasSubstr;

class SumText : public ::testing::Test {
 protected:
  static Args explain(const Args& more) {
    Args args{"explain", photo("portrait.jpg"), "--device", "cpu"};
    args.insert(args.end(), more.begin(), more.end());
    return args;
  }
};

/// The numbers of a text, in order.
std::vector<double> numbers_in(const std::string& text) {
  std::vector<double> numbers;
  for (size_t at = 0; at < text.size();) {
    const bool begins = std::isdigit(static_cast<unsigned char>(text[at])) != 0 &&
                        (at == 0 || std::string(" -").find(text[at - 1]) != std::string::npos);
    char* end = nullptr;
    const double value = std::strtod(text.c_str() + at, &end);
    if (begins) numbers.push_back(value);
    at = begins ? static_cast<size_t>(end - text.c_str()) : at + 1;
  }
  return numbers;
}

TEST_F(SumText, TheSentenceAndTheBarsAddUpToTheScore) {
  for (const char* name : {"portrait.jpg", "chelsea.jpg", "coffee.jpg"}) {
    const Args args{"explain", photo(name), "--device", "cpu", "--depth", "1", "--top", "2"};
    const std::string printed = run(args).out;
    const size_t begin = printed.find("the score of ");
    ASSERT_NE(begin, std::string::npos) << printed;
    const std::string line = printed.substr(begin, printed.find('\n', begin) - begin);
    const std::vector<double> n = numbers_in(line);
    ASSERT_EQ(n.size(), 7u) << line;
    const double score = n[0], shown = n[3], others = n[4], against = n[5];
    const double biases = line.find("biases take") == line.npos ? n[6] : -n[6];
    EXPECT_EQ(n[1], 2);
    EXPECT_EQ(n[2], 128);
    EXPECT_NEAR(shown + others - against + biases, score, 2e-3 * (shown + others + against));
    const Json step = run_json(args)["steps"].begin().value();
    const double places = step["height"].get<double>() * step["width"].get<double>();
    double adds = 0;
    for (const Json& child : step["children"]) adds += child["contribution"].get<double>() * places;
    EXPECT_NEAR(shown, adds, 1e-3 * adds);
    // Of one scale: the longer is 50 columns.
    const auto cells = [&](const char* mark) {
      return static_cast<double>(count_of(printed, mark)) - 1;  // less the key's own
    };
    const double length =
        std::max(shown + others + std::max(biases, 0.0), against + std::max(-biases, 0.0));
    EXPECT_NEAR(cells("█"), 50 * shown / length, 1);
    EXPECT_NEAR(cells("▓"), 50 * (others + against) / length, 2);
    EXPECT_NEAR(cells("░"), 50 * std::abs(biases) / length, 1);
  }
}

TEST_F(SumText, EachChannelSaysWhatItAdds) {
  const Args args = explain({"--depth", "2", "--top", "2"});
  const std::string printed = run(args).out;
  const Json tree = run_json(args), root = walkable(tree);
  const auto line_of = [&](const Json& node, const Json& parent) {
    const Json& step = parent["decomposition"];
    const double places = step["height"].get<double>() * step["width"].get<double>();
    char line[200];
    std::snprintf(line, sizeof line, "─ %s  adds %.4g of %.4g  share %.3f  alpha ",
                  place_of(node).c_str(), node["contribution"].get<double>() * places,
                  parent["value"].get<double>(), node["share"].get<double>());
    return std::string(line);
  };
  ASSERT_FALSE(root["children"].empty());
  for (const Json& child : root["children"]) {
    EXPECT_THAT(printed, HasSubstr(line_of(child, root)));
    EXPECT_FALSE(child["children"].empty());
    for (const Json& below : child["children"]) {
      EXPECT_THAT(printed, HasSubstr(line_of(below, child)));
    }
  }
}

TEST_F(SumText, ChannelsAgainstAreListedWithAMinus) {
  const Args args = explain({"--depth", "1", "--top", "3"});
  Args with = args;
  with.emplace_back("--signed");
  const std::string plain = run(args).out, printed = run(with).out;
  EXPECT_EQ(count_of(plain, "− "), 0u);
  EXPECT_EQ(count_of(printed, "─ − conv5_3:"), 3u);
  const Json step = run_json(args)["steps"].begin().value();
  auto alpha = step["contributions"].get<std::vector<double>>();
  const auto least = std::ranges::min_element(alpha);
  char line[100];
  std::snprintf(line, sizeof line, "├─ − conv5_3:%d  takes %.4g of %.4g  share %.3f  alpha %.4g\n",
                static_cast<int>(least - alpha.begin()), -*least * 49, 4.938,
                *least / step["positive"].get<double>(), *least);
  EXPECT_THAT(printed, HasSubstr(line));
  EXPECT_EQ(count_of(printed, "└─ "), 1u);
  const std::string one = run({"decompose", photo("portrait.jpg"), "--device", "cpu", "--from",
                               "class:36", "--to", "conv5_3", "--top", "2", "--signed"})
                              .out;
  EXPECT_EQ(count_of(one, "─ − conv5_3:"), 2u);
}

TEST_F(SumText, WithCoverAsManyAreAgainstAsAreShownForIt) {
  const Args args = explain({"--depth", "1", "--cover", "0.7"});
  const size_t shown = run_json(args)["steps"].begin().value()["children"].size();
  ASSERT_GT(shown, 1u);
  ASSERT_LT(shown, 16u);  // what --top is then
  Args with = args;
  with.emplace_back("--signed");
  EXPECT_EQ(count_of(run(with).out, "─ − conv5_3:"), shown);
  const std::string one = run({"decompose", photo("portrait.jpg"), "--device", "cpu", "--from",
                               "class:36", "--to", "conv5_3", "--cover", "0.7", "--signed"})
                              .out;
  EXPECT_EQ(count_of(one, "─ − conv5_3:"), shown);
}

TEST_F(SumText, SignedIsOfOneImagesText) {
  const auto refused = [](const Args& args, const std::string& why) {
    const CommandResult result = run(args);
    EXPECT_EQ(result.code, 2) << result.out;
    EXPECT_EQ(lines_of(result.err), 1u) << result.err;
    EXPECT_THAT(result.err, HasSubstr(why));
  };
  refused({"explain", photo("portrait.jpg"), photo("coffee.jpg"), "--depth", "1", "--signed"},
          "--signed: give one image");
  refused(explain({"--depth", "1", "--signed", "--json"}), "leave out --signed");
  refused({"decompose", photo("portrait.jpg"), "--from", "class:36", "--to", "conv5_3", "--signed",
           "--json"},
          "leave out --signed");
}

TEST_F(SumText, PeaksAndReachAreShares) {
  const Args args = explain({"--from", "conv5_3:70@3,3", "--top", "1", "--peaks", "2"});
  const std::string printed = run(args).out;
  const Json tree = run_json(args);
  const auto words = [](double share) {
    char text[32];
    std::snprintf(text, sizeof text, share < 0.001 ? "%.1e" : "%.3f", share);
    return std::regex_replace(text, std::regex("e-0"), "e-");
  };
  const Json& step = tree["steps"]["conv5_3:70@3,3"];
  EXPECT_THAT(printed,
              HasSubstr("\ntheir highest peaks hold " + words(step["first_peaks"].get<double>()) +
                        " of their positive A, their others " +
                        words(step["extra_peaks"].get<double>()) + "\n"));
  std::string line = "\nreach through the chosen channels:";
  double least = 1;
  for (const Json& level : tree["levels"]) {
    least = level["reach"];
    line +=
        (line.back() == ':' ? " " : ", ") + level["layer"].get<std::string>() + " " + words(least);
  }
  EXPECT_LT(least, 0.001);  // both spellings are met
  EXPECT_THAT(printed, HasSubstr(line + "\n"));
}

}  // namespace
}  // namespace hdecomp
