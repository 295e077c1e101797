/// Batches begun before the one before is finished: the same trees, bit for bit, on every device.
#include "hdecomp/explainer.h"
#include "kernels/core/mark.h"
#include "tests/support/op_testing.h"
#include "tests/support/temporary_files.h"
#include "tests/support/tree_testing.h"

namespace hdecomp {
namespace {

using namespace testing_models;
using op_testing::device_name;
using op_testing::test_devices;

class BatchesAhead : public op_testing::OnDevice {
 protected:
  static constexpr int most = 3;

  BatchesAhead() {
    const std::string file = file_testing::temporary_path(".h5");
    write_model(slim_model("vgg11", 64), file);
    model_.emplace(Model::load(file));
  }
  Explainer explainer() const {
    return Explainer(*model_, {.device = to_string(GetParam()), .threads = 2, .batch = most});
  }
  /// Photographs of noise, each unlike any other.
  static std::vector<Image> photos(uint64_t seed, int count) {
    op_testing::Random random(seed);
    std::vector<Image> made(count, Image{64, 64, std::vector<uint8_t>(64 * 64 * 3)});
    for (Image& image : made) {
      for (uint8_t& value : image.rgb) value = static_cast<uint8_t>(random.bits());
    }
    return made;
  }
  static void expect_same(const std::vector<Explained>& actual,
                          const std::vector<Explained>& expected) {
    ASSERT_EQ(actual.size(), expected.size());
    for (size_t i = 0; i < expected.size(); ++i) {
      SCOPED_TRACE(joined("image ", i));
      EXPECT_EQ(actual[i].error, expected[i].error);
      ASSERT_EQ(actual[i].tree.has_value(), expected[i].tree.has_value());
      if (!expected[i].tree) continue;
      const Tree &ours = *actual[i].tree, &theirs = *expected[i].tree;
      EXPECT_EQ(ours.decision.index, theirs.decision.index);
      EXPECT_EQ(ours.decision.score, theirs.decision.score);
      EXPECT_EQ(ours.decision.probability, theirs.decision.probability);
      EXPECT_EQ(ours.layers, theirs.layers);
      EXPECT_EQ(ours.decompositions, theirs.decompositions);
      EXPECT_GE(ours.timings_ms.at("forward"), 0);
      EXPECT_GE(ours.timings_ms.at("tree"), 0);
      expect_equal_trees(ours.root, theirs.root, 0);
    }
  }

  std::optional<Model> model_;
};
INSTANTIATE_TEST_SUITE_P(Devices, BatchesAhead, ::testing::ValuesIn(test_devices()), device_name);

TEST_P(BatchesAhead, GiveWhatEachGivesAlone) {
  const std::vector<std::vector<Image>> batches{photos(1, 3), photos(2, 3), photos(3, 1),
                                                photos(4, 2)};
  Explainer alone = explainer(), ahead = explainer();
  for (const ExplainOptions& options :
       {ExplainOptions{.target = {}, .top = 2, .depth = 3},
        ExplainOptions{.target = "3", .top = 3, .depth = 2},
        ExplainOptions{.target = {}, .top = 1, .depth = 1, .keep_maps = true},
        ExplainOptions{.target = {}, .top = 2, .depth = 1, .guided = true},
        ExplainOptions{.target = {}, .top = 2, .depth = 2, .peaks = 2}}) {
    std::vector<std::vector<Explained>> expected;
    for (const auto& batch : batches) expected.push_back(alone.explain_batch(batch, options));
    for (const size_t in_flight : {size_t{1}, size_t{2}, batches.size()}) {
      SCOPED_TRACE(in_flight);
      size_t finished = 0;
      for (size_t next = 0; next < batches.size(); ++next) {
        ahead.begin_batch(batches[next], options);
        if (next + 1 < in_flight) continue;
        expect_same(ahead.finish_batch(), expected[finished]);
        ++finished;
      }
      for (; finished < batches.size(); ++finished) {
        expect_same(ahead.finish_batch(), expected[finished]);
      }
    }
  }
}

TEST_P(BatchesAhead, OtherQuestionsInBetweenChangeNothing) {
  const std::vector<Image> first = photos(1, 3), second = photos(2, 2), other = photos(5, 1);
  const ExplainOptions options{.target = {}, .top = 2, .depth = 3};
  Explainer alone = explainer(), ahead = explainer();
  const auto expected = alone.explain_batch(first, options);
  const auto expected_next = alone.explain_batch(second, options);
  ahead.begin_batch(first, options);
  ahead.begin_batch(second, options);
  EXPECT_THROW(ahead.explain_batch(other, options), Error);
  EXPECT_FALSE(ahead.classify(other[0]).empty());
  expect_same(ahead.finish_batch(), expected);
  EXPECT_THROW(ahead.begin_batch(photos(6, 4), options), Error);
  EXPECT_THROW(ahead.begin_batch(other, {.target = "no such class"}), UserError);
  expect_same(ahead.finish_batch(), expected_next);
  EXPECT_THROW(ahead.finish_batch(), Error);
  ahead.begin_batch(first, options);  // and is left so
}

TEST_P(BatchesAhead, LargeLevelsGoToTheHostAside) {
  // 3,000 decisions of the last level, each into 8 channels: 60 bytes a channel, more than 1 MiB.
  const std::vector<Image> first = photos(1, 3), second = photos(2, 3);
  const ExplainOptions options{.target = {}, .top = 10, .depth = 4};
  Explainer alone = explainer(), ahead = explainer();
  const auto expected = alone.explain_batch(first, options);
  const auto expected_next = alone.explain_batch(second, options);
  ahead.begin_batch(first, options);
  ahead.begin_batch(second, options);
  expect_same(ahead.finish_batch(), expected);
  expect_same(ahead.finish_batch(), expected_next);
  ahead.begin_batch(first, options);  // and is dropped
}

TEST_P(BatchesAhead, EveryLevelOfOneImageIsReported) {
  std::vector<int> levels;
  ExplainOptions options{.target = {}, .top = 2, .depth = 3};
  options.after_level = [&](const Tree&, int level) { levels.push_back(level); };
  explainer().explain(photos(1, 1).front(), options);
  EXPECT_EQ(levels, (std::vector<int>{0, 1, 2, 3}));
}

TEST_P(BatchesAhead, MarksCountTheTimeBetweenThem) {
  const Context context(GetParam(), 1);
  const auto begin = mark(context);
  Tensor large(GetParam(), {1 << 20});
  clear(context, large);
  const auto end = mark(context);
  end->wait();
  EXPECT_GE(end->ms_since(*begin), 0);
  EXPECT_LT(end->ms_since(*begin), 60'000);
}

}  // namespace
}  // namespace hdecomp
