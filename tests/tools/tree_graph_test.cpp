/// A tree is a graph: a decision that is met in several places has one step, in memory and in JSON.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "hdecomp/hdecomp.h"
#include "tests/tools/command_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;

/// How many nodes the tree below a step has where shared steps are met again and again.
double expanded(const TreeNode& node, std::map<const Decomposition*, double>& known) {
  if (!node.step) return 0;
  const auto [found, is_new] = known.emplace(node.step.get(), 0);
  if (!is_new) return found->second;
  double nodes = 0;
  for (const TreeNode& child : node.children()) nodes += 1 + expanded(child, known);
  return known[node.step.get()] = nodes;
}

TEST(TreeGraph, HoldsEachDecisionsStepOnce) {
  Explainer explainer(Model::bundled("vgg16-slim"), {.device = "cpu"});
  const Tree tree = explainer.explain(Image::load(photo("chelsea.jpg")), {.top = 10});
  const std::vector<TreeStep> steps = distinct_steps(tree.root);
  EXPECT_EQ(std::ssize(steps), tree.decompositions);
  std::set<std::string> places;
  std::map<std::string, const Decomposition*> step_of;
  size_t held = 0;
  for (const TreeStep& step : steps) {
    EXPECT_TRUE(places.insert(place_of(*step.decision)).second) << place_of(*step.decision);
    held += step.decision->children().size();
    for (const TreeNode& node : step.decision->children()) {
      if (!node.step) continue;
      const auto [known, is_new] = step_of.emplace(place_of(node), node.step.get());
      EXPECT_EQ(known->second, node.step.get()) << place_of(node);
    }
  }
  std::map<const Decomposition*, double> known;
  const double met = expanded(tree.root, known);
  EXPECT_GT(met, 2 * static_cast<double>(held));  // else this tree shares too little to tell
}

TEST(TreeGraph, IsWrittenWithEachStepOnce) {
  const Args question{"explain", photo("chelsea.jpg"), "--top", "10", "--device", "cpu"};
  Args with_json = question;
  with_json.emplace_back("--json");
  const CommandResult printed = run(with_json);
  ASSERT_EQ(printed.code, 0) << printed.err;
  EXPECT_LT(printed.out.size(), size_t{8} << 20);  // 22.6 MB where every occurrence was written
  const Json json = parse_json(printed.out);
  EXPECT_EQ(json["format_version"], 2);
  EXPECT_EQ(json["steps"].size(), json["decompositions"].get<size_t>());
  const Json& layers = json["layers"];
  for (const auto& [place, step] : json["steps"].items()) {
    ASSERT_FALSE(step["children"].empty() && step["positive"] > 0) << place;
    if (step["layer"] == layers.back()) continue;
    for (const Json& node : step["children"]) {
      const std::string own = step["layer"].get<std::string>() + ":" + node["channel"].dump() +
                              "@" + node["y"].dump() + "," + node["x"].dump();
      EXPECT_EQ(json["steps"].contains(own), node["value"] > 0) << own << " below " << place;
    }
  }
}

// share = contribution / positive; a channel that speaks against the decision has a negative one.
TEST(TreeGraph, SharesOfChannelsAskedForByHandAreFinite) {
  Explainer explainer(Model::bundled("vgg16-slim"), {.device = "cpu"});
  const Image image = Image::load(photo("chelsea.jpg"));
  const std::string from = "class:index:12";
  const DecisionStep all = explainer.decompose(image, from, "conv5_3", 1);
  const Decomposition& step = *all.decision.step;
  int against = 0;
  for (size_t k = 0; k < step.contribution.size() && against < 3; ++k) {
    if (!(step.contribution[k] < 0) || !(step.peak[k] > 0)) continue;
    ++against;
    StepOptions options;
    options.channels = {static_cast<int32_t>(k)};
    const DecisionStep one = explainer.decompose(image, from, "conv5_3", options);
    ASSERT_EQ(one.decision.children().size(), 1u);
    const TreeNode& node = one.decision.children().front();
    EXPECT_LT(node.share, 0);
    EXPECT_DOUBLE_EQ(node.share, node.contribution / step.positive);
  }
  EXPECT_GT(against, 0) << "no channel has a peak and speaks against the class";
}

TEST(TreeGraph, PrintsABoundedNumberOfLines) {
  const CommandResult printed =
      run({"explain", photo("chelsea.jpg"), "--top", "12", "--show", "all", "--device", "cpu"});
  EXPECT_EQ(printed.code, 0) << printed.err;
  EXPECT_LT(lines_of(printed.out), 10100u);
  EXPECT_GT(lines_of(printed.out), 9900u);
}

}  // namespace
}  // namespace hdecomp
