/// Networks of one output: the sigmoid's probability, and trees of the score's both sides; networks
/// without a head: features alone.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "hdecomp/model.h"
#include "tests/support/slim_models.h"
#include "tests/tools/serve_testing.h"

namespace hdecomp {
namespace {

using namespace serve_testing;
namespace fs = std::filesystem;

class OneOutput : public ::testing::Test {
 protected:
  OneOutput() : folder_(empty_folder("_one_output")) {
    NetParams params = testing_models::slim_model("resnet18", 64).params;
    params.classes = 1;
    data_ = initialise_model(params, 3);
    data_.classes = {"smile"};
    write_model(data_, file("m.h5"));
  }
  ~OneOutput() override { fs::remove_all(folder_); }
  std::string file(const std::string& name) const { return folder_ + "/" + name; }
  Args asked(Args args) const {
    args.insert(args.end(), {"--model", file("m.h5")});
    return args;
  }
  std::string refusal(const Args& args) const {
    const CommandResult result = run(args);
    EXPECT_EQ(result.code, 2) << result.out;
    EXPECT_EQ(lines_of(result.err), 1u) << result.err;
    return result.err;
  }

  std::string folder_;
  ModelData data_;
};

TEST_F(OneOutput, ProbabilitiesAreTheSigmoids) {
  const Json json = run_json(asked({"classify", photo("chelsea.jpg")}));
  const Json& top = json["images"][0]["top"];
  ASSERT_EQ(top.size(), 2u);
  std::map<std::string, const Json*> by_name;
  for (const Json& each : top) by_name[each["name"]] = &each;
  ASSERT_TRUE(by_name.contains("smile") && by_name.contains("not smile"));
  const double score = (*by_name["smile"])["score"];
  EXPECT_NE(score, 0);
  EXPECT_FLOAT_EQ((*by_name["not smile"])["score"].get<float>(), static_cast<float>(-score));
  EXPECT_NEAR((*by_name["smile"])["probability"].get<double>(), 1 / (1 + std::exp(-score)), 1e-6);
  EXPECT_NEAR((*by_name["not smile"])["probability"].get<double>(), 1 / (1 + std::exp(score)),
              1e-6);
  EXPECT_GE(top[0]["probability"].get<double>(), 0.5);
}

TEST_F(OneOutput, BothSidesAreExplained) {
  const Json likely = run_json(asked({"explain", photo("chelsea.jpg"), "--depth", "1"}));
  EXPECT_GT(likely["root"]["probability"].get<double>(), 0.5);
  const bool negative = likely["root"]["class"] == "not smile";
  const std::string other = negative ? "0" : "not:0", same = negative ? "not:0" : "0";
  EXPECT_NE(refusal(asked({"explain", photo("chelsea.jpg"), "--class", other}))
                .find("only a positive decision can be decomposed"),
            std::string::npos);
  const Json asked_for =
      run_json(asked({"explain", photo("chelsea.jpg"), "--class", same, "--depth", "1"}));
  EXPECT_EQ(without(likely), without(asked_for));
  // With the weights turned round the other side is the likely one, and its evidence the same.
  LayerWeights& last = data_.layers.back();
  for (Tensor* tensor : {&last.weight, &last.bias}) {
    for (float& value : tensor->span()) value = -value;
  }
  write_model(data_, file("turned.h5"));
  const Json turned = run_json({"explain", photo("chelsea.jpg"), "--depth", "1", "--model",
                                file("turned.h5"), "--class", other});
  EXPECT_EQ(turned["root"]["value"], likely["root"]["value"]);
  const auto step = [](const Json& tree) { return tree["steps"].begin().value(); };
  EXPECT_EQ(step(turned)["contributions"], step(likely)["contributions"]);
  const Json drops = run_json(
      asked({"ablate", photo("chelsea.jpg"), "--from", "class:" + same, "--fill", "zero"}));
  EXPECT_FALSE(drops.empty());
}

TEST_F(OneOutput, ItsFileKeepsOneOutput) {
  const Model model = Model::load(file("m.h5"));
  EXPECT_EQ(model.output_count(), 1);
  EXPECT_EQ(model.class_count(), 2);
  EXPECT_EQ(model.find_class("smile"), 0);
  EXPECT_EQ(model.find_class("not:smile"), 1);
  EXPECT_EQ(model.find_class("not:0"), 1);
  EXPECT_EQ(model.find_class("Not Smile"), 1);
  EXPECT_EQ(model.class_wnid(1), "");
  model.save(file("again.h5"));
  EXPECT_EQ(file_testing::read_bytes(file("again.h5")), file_testing::read_bytes(file("m.h5")));
  EXPECT_NE(refusal({"explain", photo("chelsea.jpg"), "--class", "not:chair"})
                .find("not: is for networks of one output"),
            std::string::npos);
}

TEST_F(OneOutput, LabelsOfOneAndZeroAreItsTargets) {
  write_text(file("labels.txt"), "1\n");
  const Args args = asked({"classify", photo("chelsea.jpg"), "--labels", file("labels.txt")});
  Json json = run_json(args);
  EXPECT_EQ(json["images"][0]["label"], 0);
  write_text(file("labels.txt"), "0\n");
  json = run_json(args);
  EXPECT_EQ(json["images"][0]["label"], 1);
}

TEST_F(OneOutput, TheReportAndThePageNameBothSides) {
  EXPECT_EQ(run(asked({"explain", photo("chelsea.jpg"), "--depth", "1", "--html", "--output-dir",
                       file("out")}))
                .code,
            0);
  EXPECT_NE(content_of_file(file("out/report.html")).find("not smile"), std::string::npos);
  const ServerProcess server({"--model", file("m.h5")});
  const auto info = server.client().Get("/api/info");
  ASSERT_TRUE(info);
  EXPECT_EQ(parse_json(info->body)["classes"], (Json{"smile", "not smile"}));
  const auto classes = run_json(asked({"classify", photo("chelsea.jpg")}))["images"][0]["top"];
  const std::string likely = classes[0]["index"] == 1 ? "not:smile" : "smile";
  const auto answer = server.client().Get("/api/explain?image=chelsea.jpg&depth=1&class=" + likely);
  ASSERT_TRUE(answer);
  const std::vector<Json> parts = parts_of(answer->body);
  ASSERT_FALSE(parts.empty());
  EXPECT_EQ(parts[0]["event"], "page") << answer->body;
}

class Headless : public OneOutput {
 protected:
  Headless() {
    NetParams params = testing_models::slim_model("resnet18", 64).params;
    params.classes = 0;
    write_model(initialise_model(params, 3), file("m.h5"));
  }
};

TEST_F(Headless, FeaturesAreListedAndDecomposed) {
  const Json layers = run_json(asked({"layers"}))["layers"];
  EXPECT_EQ(layers.back()["name"], "avgpool");
  const Json step =
      run_json(asked({"decompose", photo("chelsea.jpg"), "--from", "avgpool:3", "--to", "layer3"}));
  EXPECT_FALSE(step["step"]["children"].empty());
  EXPECT_EQ(
      run(asked({"ablate", photo("chelsea.jpg"), "--from", "avgpool:3", "--to", "layer4"})).code,
      0);
  const Json tree = run_json(asked({"explain", photo("chelsea.jpg"), "--from", "avgpool:3",
                                    "--depth", "2", "--html", "--output-dir", file("out")}));
  EXPECT_EQ(tree["top"], Json::array());
  EXPECT_EQ(tree["layers"], (Json{"layer4", "layer3"}));
  const Json below =
      run_json(asked({"decompose", photo("chelsea.jpg"), "--from", "avgpool:3", "--to", "layer4"}));
  EXPECT_EQ(tree["steps"]["avgpool:3@0,0"], below["step"]);
  EXPECT_TRUE(run(asked({"explain", photo("chelsea.jpg"), "--from", "avgpool:3", "--depth", "1"}))
                  .out.starts_with(photo("chelsea.jpg") + "\n\navgpool:3@0,0  F "));
}

TEST_F(Headless, OfSeveralImagesEachFeatureIsToldWithItsValue) {
  const Args args = asked({"explain", photo("chelsea.jpg"), photo("coffee.jpg"), "--from",
                           "avgpool:3", "--depth", "1"});
  Args written = args;
  written.insert(written.end(), {"--output-dir", file("out")});
  const CommandResult told = run(written);
  EXPECT_EQ(told.code, 0) << told.err;
  const Json json = run_json(args);
  ASSERT_EQ(json["images"].size(), 2u);
  const std::string page = content_of_file(file("out/index.html"));
  for (const Json& image : json["images"]) {
    const Json& tree = image["tree"];
    EXPECT_EQ(tree["top"], Json::array());
    EXPECT_EQ(without(tree), without(run_json(asked({"explain", image["image"], "--from",
                                                     "avgpool:3", "--depth", "1"}))));
    char value[32];
    std::snprintf(value, sizeof value, "F %.4g", tree["root"]["value"].get<double>());
    EXPECT_NE(told.out.find(image["image"].get<std::string>() + "  avgpool:3@0,0  " + value +
                            "  layer4:"),
              std::string::npos)
        << told.out;
    EXPECT_NE(page.find(std::string("<p><b>avgpool:3@0,0</b> ") + value + "</p>"),
              std::string::npos);
  }
  EXPECT_EQ(lines_of(told.out), 3u);  // the last says where the index is
  EXPECT_EQ(page.find("<li data-probability="), std::string::npos);  // nothing is predicted
  EXPECT_EQ(page.find("explained: "), std::string::npos);
}

TEST_F(Headless, WhatAsksForClassesSaysThatThereAreNone) {
  const std::string why = "the model has features but no classes";
  for (const Args& args :
       {Args{"classify", photo("chelsea.jpg")}, Args{"classify", photo("")},
        Args{"explain", photo("chelsea.jpg")},
        Args{"decompose", photo("chelsea.jpg"), "--from", "class:0", "--to", "layer3"},
        Args{"pcc", photo("chelsea.jpg"), "-o", file("pcc.h5")}, Args{"serve", "--port", "0"}}) {
    EXPECT_NE(refusal(asked(args)).find(why), std::string::npos) << args[0];
  }
}

}  // namespace
}  // namespace hdecomp
