/// The ops of gAP: reduction, choice of channels, the next level's decisions, activation maps.
#include <algorithm>
#include <random>

#include "bench/kernel_bench_level.h"
#include "kernels/gap/activation_maps.h"
#include "kernels/gap/gap_reduce.h"
#include "kernels/gap/next_decisions.h"
#include "kernels/gap/topk.h"

namespace hdecomp {
namespace {

constexpr int64_t chosen = 3;  // N

/// The gradients that a level ends with, (C, D, h, w), and its results.
struct GapOperands {
  std::shared_ptr<Level> level;
  GapResult result;
  IndexTensor channels;  // (D, N)
  Tensor maps;

  GapOperands(const Context& context, const LevelSize& size)
      : level(make_level(context, size)),
        result(context.device(), size.decisions(), size.channels_below) {
    level->below.data = random_on(context, level->below.data.shape(), 4);
    std::mt19937 random(5);
    IndexTensor host({}, {size.decisions(), chosen});
    for (int32_t& channel : host.span()) {
      channel = static_cast<int32_t>(random() % size.channels_below);
    }
    channels = copied_to(context.device(), context, host);
  }
};

PreparedOp gap_reduce_op(const Context& context, LevelSize size) {
  auto o = std::make_shared<GapOperands>(context, size);
  const double read =
      o->level->below_bytes() + o->level->feature_bytes() + bytes_of(o->level->places);
  return {[&context, o] { gap_reduce(context, o->level->below, o->level->feature, o->result); },
          read + 4 * bytes_of(o->result.alpha) + bytes_of(o->result.position)};
}

/// A chosen channel of a decision is another's of the same image so rarely that its features count
/// each time.
PreparedOp activation_maps_op(const Context& context, LevelSize size) {
  auto o = std::make_shared<GapOperands>(context, size);
  o->maps = Tensor(context.device(), {size.decisions(), chosen, size.map, size.map});
  const double windows = bytes_of<float>(o->channels.elements() * o->level->below.window.area());
  return {[&context, o] {
            activation_maps(context, o->level->below, o->level->feature, o->channels, o->maps);
          },
          2 * windows + bytes_of(o->channels) + bytes_of(o->level->places) + bytes_of(o->maps)};
}

/// D decisions into C channels.
struct ChoiceSize {
  int64_t decisions, channels, map;
};

PreparedOp topk_op(const Context& context, ChoiceSize size) {
  struct Operands {
    Tensor alpha;
    IndexTensor channels;
  };
  auto o = std::make_shared<Operands>();
  o->alpha = random_on(context, {size.decisions, size.channels});
  o->channels = IndexTensor(context.device(), {size.decisions, chosen});
  return {[&context, o] { topk(context, o->alpha, o->channels); },
          bytes_of(o->alpha) + bytes_of(o->channels)};
}

/// One image: where its decisions lie does not matter, how they scatter does.
PreparedOp next_decisions_op(const Context& context, ChoiceSize size) {
  struct Operands {
    PlaceTensor above, next;
    IndexTensor channels, positions;
    Tensor feature, values;
  };
  auto o = std::make_shared<Operands>();
  std::mt19937 random(6);
  PlaceTensor above({}, {size.decisions});
  std::ranges::fill(above.span(), Place{});
  IndexTensor channels({}, {size.decisions, chosen});
  IndexTensor positions({}, {size.decisions, size.channels});
  for (int32_t& channel : channels.span()) {
    channel = static_cast<int32_t>(random() % size.channels);
  }
  for (int32_t& position : positions.span()) {
    position = static_cast<int32_t>(random() % (size.map * size.map));
  }
  o->above = copied_to(context.device(), context, above);
  o->channels = copied_to(context.device(), context, channels);
  o->positions = copied_to(context.device(), context, positions);
  o->feature = random_on(context, {1, size.channels, size.map, size.map});
  o->values = Tensor(context.device(), channels.shape());
  o->next = PlaceTensor(context.device(), {channels.elements()});
  // Per choice: its channel, its position, its feature, its value.
  return {[&context, o] {
            next_decisions(context, o->above.span(), o->channels, o->positions, o->feature,
                           o->values, o->next);
          },
          4 * bytes_of(o->values) + bytes_of(o->above) + bytes_of(o->next)};
}

}  // namespace

void add_gap_ops(OpList& ops) {
  // VGG-16's step from conv4_3 to conv3_3; 16 images' from conv3_3 to conv2_2.
  const std::pair<LevelSize, LevelSize> levels{{1, 9, 256, 256, 7, 56, {2, 2, 0}},
                                               {16, 27, 128, 128, 7, 112, {2, 2, 0}}};
  add_sizes(ops, "gap_reduce", gap_reduce_op, levels);
  add_sizes(ops, "activation_maps", activation_maps_op, levels);
  const std::pair<ChoiceSize, ChoiceSize> choices{{9, 256, 56}, {2592, 512, 56}};
  add_sizes(ops, "topk", topk_op, choices);
  add_sizes(ops, "next_decisions", next_decisions_op, choices);
}

}  // namespace hdecomp
