/// Steps of the forward pass that run some rows at a time: the bits of whole maps.
#include "kernels/plan/row_chain_cpu.h"

#include "kernels/core/copy.h"
#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {
namespace {

using cpu::RowChain, cpu::RowLink;
using enum Activation;

constexpr int64_t height = 61, width = 72, slim = 24, wide = 72, images = 2;

struct Layer {
  ConvSpec spec;
  Tensor weight, bias;

  Layer(int64_t in, int64_t out, int64_t kernel, int64_t stride, Activation activation) {
    const int64_t groups = kernel > 1 ? in : 1;
    spec = {images, in,     height,     width,      out,    kernel,    kernel,
            stride, stride, kernel / 2, kernel / 2, groups, activation};
    weight = random_tensor(spec.weight_shape(), 7 * out + kernel);
    bias = random_tensor({out}, 3 * in + kernel);
  }
};

/// Two of MobileNet's blocks, the first with EfficientNet's SiLU: 1 x 1 to many channels, each
/// channel's own kernel, and back, the first added to what it began with.
struct Blocks {
  Layer begin{slim, slim, 1, 1, none}, expand{slim, wide, 1, 1, none}, own{wide, wide, 5, 1, relu6},
      project{wide, slim, 1, 1, none}, again{slim, wide, 1, 1, relu6},
      fewer{wide, wide, 3, 2, relu}, last{wide, slim, 1, 1, none};

  Blocks() { last.spec.height = 31, last.spec.width = 36; }
};

StepsAhead scores_alone() {
  constexpr int kept = StepsAhead::kept;
  return {{kept, 6, 3, 4, 5, 6, 7, 8, 9, kept}, {}, {}};
}

/// The blocks' output for the same two images.
Tensor outputs(const Context& context, const Blocks& net, const StepsAhead& ahead) {
  const auto plan = make_forward_plan(context);
  plan->look_ahead(ahead);
  const auto conv = [&](int from, const Layer& layer) {
    return plan->conv(from, layer.spec, layer.weight, layer.bias);
  };
  const Shape middle = net.expand.spec.output_shape();
  CellOp silu;
  silu.function.function = Function::silu;
  const int first = conv(plan->input(net.begin.spec.input_shape()), net.begin);
  const int expanded = conv(first, net.expand);
  const int curved = plan->cell({&expanded, 1}, middle, silu, {}, [](auto, Tensor&) { FAIL(); });
  const int sum = plan->add(conv(conv(curved, net.own), net.project), first, none);
  const int top = conv(conv(conv(sum, net.again), net.fewer), net.last);
  plan->run(random_tensor(net.begin.spec.input_shape(), 5));
  return copied_to(Device{}, context, plan->output(top));
}

TEST(RowChain, GivesTheBitsOfAPassThatKeepsAllMapsOnAnyThreadCount) {
  const Blocks net;
  const Tensor whole = outputs(Context({}, 1), net, {});
  for (const int threads : {1, 2, 3}) {
    EXPECT_TRUE(same_bits(outputs(Context({}, threads), net, scores_alone()), whole)) << threads;
  }
}

RowLink link_of(const Layer& layer, const char* kernel) {
  ConvSpec spec = layer.spec;
  spec.batch = 1;
  RowLink link{spec.input_shape(), spec.output_shape(), true, spec, kernel};
  link.weight = &layer.weight;
  link.bias = &layer.bias;
  return link;
}

TEST(RowChain, IsOfLargeMapsThatNoKernelReadsTwice) {
  const Blocks net;
  const Context context({}, 1);
  RowChain chain(context);
  const RowLink expand = link_of(net.expand, ""), own = link_of(net.own, "");
  chain.add(expand);
  EXPECT_TRUE(chain.gains_by(own));
  EXPECT_FALSE(chain.gains_by(expand));  // its map grows
  chain.add(own);
  EXPECT_FALSE(chain.gains_by(own));
  EXPECT_TRUE(chain.gains_by(link_of(net.project, "")));
  RowLink small = own;
  small.in = small.out = {1, wide, 14, 14};
  EXPECT_FALSE(chain.gains_by(small));
}

TEST(RowChain, IsNotPlannedWhereRowsHaveAnotherKernelThanTheMap) {
  const Context context({}, 2);
  const Blocks net;
  RowChain chain(context);
  chain.add(link_of(net.expand, "a kernel of no library"));
  chain.add(link_of(net.own, "a kernel of no library"));
  EXPECT_FALSE(chain.plan(nullptr));
}

}  // namespace
}  // namespace hdecomp::op_testing
