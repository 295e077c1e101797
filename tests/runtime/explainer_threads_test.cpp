/// An Explainer goes from thread to thread: it is made on one, used on others and destroyed on yet
/// another, and computes what one computes that stays where it was made; several share what is made
/// of their model's weights.
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "hdecomp/hdecomp.h"
#include "tests/support/bundled_photos.h"
#include "weights/model/model_file.h"

namespace hdecomp {
namespace {

/// All that an explainer is asked for here.
struct Answers {
  std::vector<std::string> trees;
  std::vector<std::vector<float>> maps;
  bool operator==(const Answers&) const = default;
};

/// Two together, then the second alone: steps over batches, and of windows, and whole ways back.
Answers ask(Explainer& explainer) {
  const std::vector<Image> images = testing_models::bundled_photos({"chelsea.jpg", "coffee.jpg"});
  Answers answers;
  for (Explained& each : explainer.explain_batch(images, {"", 2, 3})) {
    Tree& tree = each.tree.value();
    tree.timings_ms = {};
    answers.trees.push_back(to_json(tree));
  }
  for (const SaliencyMethod method :
       {SaliencyMethod::gradient, SaliencyMethod::smoothgrad, SaliencyMethod::guided,
        SaliencyMethod::gap_cam, SaliencyMethod::lrp}) {
    SaliencyOptions options;
    options.method = method;
    options.samples = 3;
    answers.maps.push_back(explainer.saliency(images[1], options).values);
  }
  return answers;
}

/// What `body` returns on a thread of its own, which ends then.
template <class Body>
auto elsewhere(Body body) {
  return std::async(std::launch::async, std::move(body)).get();
}

using Owned = std::unique_ptr<Explainer>;
Owned made(const Model& model) {
  return std::make_unique<Explainer>(model, EngineOptions{"cpu", 2, 2});
}

struct ThreadNet {
  const char* name;
  Model (*model)();
};
void PrintTo(const ThreadNet& net, std::ostream* out) { *out << net.name; }

class ExplainerThreads : public ::testing::TestWithParam<ThreadNet> {
 protected:
  const Model model_ = GetParam().model();
  const Answers wanted_ = ask(*made(model_));
};

TEST_P(ExplainerThreads, MadeOnOneUsedOnTwoDestroyedOnAFourth) {
  Owned explainer = elsewhere([&] { return made(model_); });
  for (int user = 0; user < 2; ++user) {
    EXPECT_EQ(elsewhere([&] { return ask(*explainer); }), wanted_) << "thread " << user;
  }
  elsewhere([&] { explainer.reset(); });
}

TEST_P(ExplainerThreads, TwoOfOneThreadAtTheSameTimeOnTwoOthers) {
  Owned one = made(model_), other = made(model_);
  const auto ask_later = [](const Owned& explainer) {
    return std::async(std::launch::async, [&] { return ask(*explainer); });
  };
  std::future<Answers> first = ask_later(one), second = ask_later(other);
  EXPECT_EQ(first.get(), wanted_);
  EXPECT_EQ(second.get(), wanted_);
}

TEST_P(ExplainerThreads, AnothersEndLeavesThisThreadsOwnAlone) {
  Owned own = made(model_);
  Owned guest = elsewhere([&] { return made(model_); });
  guest.reset();
  EXPECT_EQ(ask(*own), wanted_);
  guest = elsewhere([&] {
    Owned made_there = made(model_);
    own.reset();
    return made_there;
  });
  EXPECT_EQ(ask(*guest), wanted_);
}

/// What kernels take in layouts of their own is made once for a model, its own weights aside.
TEST_P(ExplainerThreads, ASecondOfOneModelAddsNoWeights) {
  const Model fresh = GetParam().model();
  const auto held = [&] { return fresh.data()->store->bytes(); };
  EXPECT_EQ(held(), 0);
  Owned one = made(fresh);
  const int64_t forward = held();
  EXPECT_GT(forward, 0);
  Owned other = made(fresh);
  EXPECT_EQ(held(), forward);
  EXPECT_EQ(ask(*one), wanted_);
  const int64_t both_ways = held();
  EXPECT_GT(both_ways, forward);
  EXPECT_EQ(ask(*other), wanted_);
  EXPECT_EQ(held(), both_ways);
  one.reset();
  EXPECT_EQ(ask(*other), wanted_);
  EXPECT_EQ(held(), both_ways);
  other.reset();
  EXPECT_EQ(held(), 0);
}

TEST_P(ExplainerThreads, TwoMadeAndAskedAtTheSameTimeOutliveTheirModel) {
  std::optional<Model> fresh = GetParam().model();
  const auto make_and_ask = [model = *fresh] {
    return std::async(std::launch::async, [model] {
      const Owned explainer = made(model);
      return ask(*explainer);
    });
  };
  std::future<Answers> first = make_and_ask(), second = make_and_ask();
  fresh.reset();
  EXPECT_EQ(first.get(), wanted_);
  EXPECT_EQ(second.get(), wanted_);
}

/// Winograd's convolutions, which work in memory beside their maps (so in resnet18's of 32 x 32
/// cells); convolutions of one channel each, and concats, which need none with oneDNN 2.6.
INSTANTIATE_TEST_SUITE_P(
    Nets, ExplainerThreads,
    ::testing::Values(
        ThreadNet{"vgg16_slim", [] { return Model::bundled("vgg16-slim"); }},
        ThreadNet{"squeezenet", [] { return Model::bundled("squeezenet"); }},
        ThreadNet{"resnet18", [] { return Model::initialise("resnet18", 1, 10, 128); }},
        ThreadNet{"mobilenet_v2", [] { return Model::initialise("mobilenet_v2", 1, 10, 64); }}),
    [](const auto& net) { return std::string(net.param.name); });

}  // namespace
}  // namespace hdecomp
