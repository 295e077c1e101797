/// Shuffles, slices and concatenations of the forward pass, moved at once: the bits of one after
/// another.
#include "kernels/plan/moved_channels_cpu.h"

#include "kernels/plan/forward_plan.h"
#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {
namespace {

using cpu::ChannelCopies;
using cpu::MovedChannels;
using enum Activation;

TEST(MovedChannels, AreCopiedFromWhereTheyLieOnAnyThreadCount) {
  // Two in turn, a single one, some neighbours, two of one map in turn.
  MovedChannels channels;
  for (int i = 0; i < 11; ++i) channels.insert(channels.end(), {{7, 2 + i}, {3, 5 + i}});
  channels.push_back({3, 0});
  for (int i = 0; i < 19; ++i) channels.push_back({7, i});
  for (int i = 0; i < 9; ++i) channels.insert(channels.end(), {{7, i}, {7, 10 + i}});
  const int64_t cells = 13, all = std::ssize(channels);
  const Tensor seven = random_tensor({cells, 21}, 1), three = random_tensor({cells, 16}, 2);
  const ChannelCopies copies(channels);
  ASSERT_EQ(copies.steps(), (std::vector{7, 3}));
  const std::vector<ChannelCopies::Source> sources{{seven.data(), 21}, {three.data(), 16}};
  for (const int threads : {1, 3}) {
    Tensor to({}, {cells, all});
    copies.run(Context({}, threads), cells, sources, to.data());
    for (int64_t i = 0; i < cells * all; ++i) {
      const auto [step, channel] = channels[i % all];
      const Tensor& map = step == 7 ? seven : three;
      ASSERT_EQ(to.data()[i], map.data()[i / all * map.shape()[1] + channel]) << i;
    }
  }
}

/// A ShuffleNet's unit: two maps side by side, shuffled, of which one half goes through another
/// convolution and then stands beside the other one.
class Unit {
 public:
  explicit Unit(const Context& context) : context_(context) {}

  Tensor output(const Tensor& images, const StepsAhead& ahead) const {
    const auto plan = make_forward_plan(context_);
    plan->look_ahead(ahead);
    const int input = plan->input(images.shape());
    const int left = conv(*plan, input, 0), right = conv(*plan, input, 1);
    const int both = plan->concat(std::vector{left, right});
    const int shuffled = move(*plan, both, channels, 0, 2);
    const int first = move(*plan, shuffled, channels / 2, 0, 1);
    const int second = move(*plan, shuffled, channels / 2, channels / 2, 1);
    const int end = plan->concat(std::vector{first, conv(*plan, second, 2)});
    plan->run(images);
    const Tensor& output = plan->output(end);
    Tensor copy({}, output.shape());
    std::ranges::copy(output.span(), copy.data());
    return copy;
  }

  static constexpr int64_t channels = 116, side = 9, batch = 2;

 private:
  int conv(ForwardPlan& plan, int from, int which) const {
    const ConvSpec spec{batch, channels / 2, side,  side, channels / 2, 1, 1, 1, 1, 0, 0,
                        1,     relu,         "conv"};
    return plan.conv(from, spec, weights_[which], biases_[which]);
  }

  int move(ForwardPlan& plan, int from, int64_t count, int64_t first, int64_t groups) const {
    CellOp op;
    op.formula = CellFormula::move;
    op.groups = groups, op.first_channel = first;
    return plan.cell(std::vector{from}, {batch, count, side, side}, op, {},
                     [this, op](std::span<const Tensor* const> x, Tensor& y) {
                       Tensor none;
                       cell_forward(context_, op, x, nullptr, nullptr, none, y);
                     });
  }

  const Context& context_;
  const Tensor weights_[3]{random_tensor({channels / 2, channels / 2, 1, 1}, 1),
                           random_tensor({channels / 2, channels / 2, 1, 1}, 2),
                           random_tensor({channels / 2, channels / 2, 1, 1}, 3)};
  const Tensor biases_[3]{random_tensor({channels / 2}, 4), random_tensor({channels / 2}, 5),
                          random_tensor({channels / 2}, 6)};
};

TEST(MovedChannels, OfAUnitAreTheBitsOfItsStepsOneByOne) {
  const Tensor images = random_tensor({Unit::batch, Unit::channels / 2, Unit::side, Unit::side}, 9);
  for (const int threads : {1, 2}) {
    const Context context({}, threads);
    const Unit unit(context);
    const Tensor kept = unit.output(images, {});
    constexpr int kept_step = StepsAhead::kept;
    StepsAhead ahead;
    // input, left, right, both, shuffled, first, second, conv, end
    ahead.last_readers = {kept_step, 6, 6, 6, 6, 8, 7, 8, kept_step};
    ahead.moved_on = {false, false, false, true, true, false, false, false, false};
    EXPECT_TRUE(same_bits(unit.output(images, ahead), kept)) << threads << " threads";
  }
}

}  // namespace
}  // namespace hdecomp::op_testing
