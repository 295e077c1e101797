/// --versus: two decisions against each other, through explain, decompose and ablate.
#include <gtest/gtest.h>

#include "hdecomp/error.h"
#include "tests/tools/command_errors_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;

class Versus : public CommandErrors {
 protected:
  static Json answer(Args args) {
    args.insert(args.end(), {"--device", "cpu"});
    return run_json(args);
  }
  static std::vector<double> list(const Json& json) { return json.get<std::vector<double>>(); }
};

double largest(const std::vector<double>& values) {
  double most = 0;
  for (const double value : values) most = std::max(most, std::abs(value));
  return most;
}

/// Contributions and drops are linear in the decision.
TEST_F(Versus, IsTheDifferenceOfTheTwo) {
  for (const std::string model : {"vgg16-slim", "squeezenet"}) {
    const std::string image = photo("chelsea.jpg");
    const bool slim = model == "vgg16-slim";
    const Json scores = answer({"classify", image, "--model", model});
    const Json& top = scores["images"][0]["top"];
    const std::string one = joined(top[0]["index"].get<int>());
    const std::string other = joined(top[1]["index"].get<int>());
    const std::string to = slim ? "conv5_3" : "fire9";
    const auto ask = [&](const Args& more) {
      Args args{"ablate", image, "--model", model, "--to", to, "--fill", "zero"};
      args.insert(args.end(), more.begin(), more.end());
      return answer(args);
    };
    const Json first = ask({"--from", "class:" + one}), second = ask({"--from", "class:" + other}),
               both = ask({"--from", "class:" + one, "--versus", other});
    EXPECT_NEAR(
        both["decision"]["value"],
        first["decision"]["value"].get<double>() - second["decision"]["value"].get<double>(), 1e-4);
    for (const auto& [where, what] : {std::pair("step", "contributions"), std::pair("", "drops")}) {
      const auto of = [&](const Json& json) {
        return list(std::string(where).empty() ? json[what] : json[where][what]);
      };
      const std::vector<double> a = of(first), b = of(second), difference = of(both);
      ASSERT_EQ(a.size(), difference.size());
      const double most = std::max(largest(a), largest(b));
      for (size_t k = 0; k < a.size(); ++k) {
        EXPECT_NEAR(difference[k], a[k] - b[k], 1e-5 * most) << what << " " << k;
      }
    }
    const std::string name = both["decision"]["class"];
    EXPECT_NE(name.find(" - "), std::string::npos);
  }
}

TEST_F(Versus, ATreeBeginsWithTheDifferenceAndSumsUpToIt) {
  const Json tree = answer({"explain", photo("chelsea.jpg"), "--model", "squeezenet", "--class",
                            "285", "--versus", "tiger cat"});
  EXPECT_EQ(tree["root"]["class"], "Egyptian cat - tiger cat");
  EXPECT_EQ(tree["top"][1]["name"], "tiger cat - Egyptian cat");
  const Json scores = answer({"classify", photo("chelsea.jpg"), "--model", "squeezenet"});
  double cat = 0, tiger = 0, p = 0, q = 0;
  for (const Json& one : scores["images"][0]["top"]) {
    if (one["index"] == 285) cat = one["score"], p = one["probability"];
    if (one["index"] == 282) tiger = one["score"], q = one["probability"];
  }
  EXPECT_NEAR(tree["root"]["value"], cat - tiger, 1e-4);
  EXPECT_NEAR(tree["root"]["probability"], p / (p + q), 1e-5);  // of the two classes alone
  const Json& first = tree["steps"]["scores:0@0,0"];
  EXPECT_EQ(first["children"].size(), 3u);
  EXPECT_NEAR(first["total"].get<double>() + first["bias"].get<double>(), cat - tiger, 1e-4);
}

TEST_F(Versus, TakesAMeansFileOfTheModel) {
  ASSERT_EQ(run({"means", photo("chelsea.jpg"), "-o", file("means.h5"), "--device", "cpu"}).code,
            0);
  const Json json = answer({"ablate", photo("chelsea.jpg"), "--from", "class:12", "--versus", "10",
                            "--fill", file("means.h5")});
  EXPECT_EQ(json["means"]["images"], 1);
}

TEST_F(Versus, Refuses) {
  const std::string image = photo("chelsea.jpg");
  refused({"explain", image, "--versus", "10"}, "--class");
  refused({"explain", image, "--class", "12", "--versus", "12"}, "the class itself");
  refused({"explain", image, "--class", "12", "--versus", "nothing"}, "no class 'nothing'");
  refused({"decompose", image, "--from", "conv5_3:1@1,1", "--versus", "3", "--to", "conv4_3"},
          "give --from class:NAME");
  // The other way round there is no positive decision.
  refused({"explain", image, "--class", "10", "--versus", "12"}, "only a positive decision");
}

}  // namespace
}  // namespace hdecomp
