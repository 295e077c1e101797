/// Weights in oneDNN's layouts: ours against its reorder's, bit by bit.
#include <gmock/gmock.h>

#include <set>

#include "kernels/conv/direct_weights_cpu.h"
#include "kernels/conv/winograd_weights_cpu.h"
#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {
namespace {

using dnnl::memory;

ConvSpec square_conv(int64_t in, int64_t out, int64_t size) {
  return {.in_channels = in,
          .height = size,
          .width = size,
          .out_channels = out,
          .kernel_h = 3,
          .kernel_w = 3,
          .pad_h = 1,
          .pad_w = 1};
}

/// The layouts that oneDNN's Winograd kernels want for the spec; none without AVX-512.
std::vector<memory::desc> layouts_of(const Context& context, const ConvSpec& spec) {
  const cpu::ConvTerms terms(spec);
  std::vector<memory::desc> layouts;
  for (const char* tiles : {"2x3", "4x3"}) {
    try {
      const auto found =
          terms.forward(context.cpu().engine, dnnl::algorithm::convolution_winograd, tiles);
      const memory::desc layout = found.weights_desc();
      if (layout.data.format_kind == dnnl_format_kind_wino) layouts.push_back(layout);
    } catch (const dnnl::error&) {  // it has no such kernel
    }
  }
  return layouts;
}

std::vector<float> by_onednn(const Context& context, const Tensor& weight,
                             const memory::desc& layout) {
  const memory::desc plain(weight.shape().dims(), memory::data_type::f32, memory::format_tag::oihw);
  const memory from(plain, context.cpu().engine, const_cast<float*>(weight.data()));
  std::vector<float> values(layout.get_size() / sizeof(float), -1.0f);
  const memory to(layout, context.cpu().engine, values.data());
  cpu::Reorder(context, plain, layout).run(from, to);
  context.cpu().stream.wait();
  return values;
}

/// Zeros of both signs, a kernel of nothing else, and values of all magnitudes are among them.
Tensor uneven_weight(const ConvSpec& spec) {
  Tensor weight = random_tensor(spec.weight_shape(), 5);
  const int64_t n = weight.elements();
  for (int64_t i = 0; i < n; i += 7) weight.data()[i] = 0.0f;
  for (int64_t i = 0; i < n; i += 11) weight.data()[i] = -0.0f;
  for (int64_t i = 0; i < 18; ++i) weight.data()[n - 1 - i] = i % 2 ? 0.0f : -0.0f;
  for (int64_t i = 0; i < n; i += 13) weight.data()[i] *= i % 2 ? 0x1p-120f : 0x1p100f;
  return weight;
}

TEST(WinogradWeights, AreOneDnnsBitByBit) {
  for (const int threads : {1, 3}) {
    const Context context({}, threads);
    std::set<int> orders;
    bool found = false;
    for (const int64_t in : {64, 70, 256}) {
      for (const int64_t out : {64, 100, 256}) {
        for (const int64_t size : {14, 28, 56}) {
          const ConvSpec spec = square_conv(in, out, size);
          const Tensor weight = uneven_weight(spec);
          for (const memory::desc& layout : layouts_of(context, spec)) {
            found = true;
            const dnnl_wino_desc_t& wino = layout.data.format_desc.wino_desc;
            SCOPED_TRACE(joined(in, " to ", out, " channels, map of ", size, ", order ",
                                static_cast<int>(wino.wino_format), ", blocks ", wino.ic2_block,
                                " and ", wino.oc2_block));
            std::vector<float> ours(layout.get_size() / sizeof(float), -2.0f);
            ASSERT_TRUE(cpu::fill_winograd_weights(context, weight, layout, ours.data()));
            const std::vector<float> theirs = by_onednn(context, weight, layout);
            ASSERT_EQ(std::memcmp(ours.data(), theirs.data(), ours.size() * sizeof(float)), 0);
            orders.insert(wino.wino_format);
          }
        }
      }
    }
    if (!found) GTEST_SKIP() << "oneDNN has no Winograd kernels on this processor";
    EXPECT_THAT(orders, testing::ElementsAre(dnnl_wino_wei_aaOio, dnnl_wino_wei_aaOBiOo,
                                             dnnl_wino_wei_OBaaIBOIio));
  }
}

TEST(DirectWeights, AreOneDnnsBitByBit) {
  using Tag = memory::format_tag;
  const std::vector<Shape> shapes{{100, 70, 1, 1}, {257, 130, 1, 1}, {5, 3, 1, 1}, {64, 64, 1, 1}};
  for (const int threads : {1, 3}) {
    const Context context({}, threads);
    for (const Shape& shape : shapes) {
      const Tensor weight = random_tensor(shape, 7);
      for (const Tag tag : {Tag::Acdb16a, Tag::Acdb32a, Tag::Acdb48a, Tag::Acdb64a}) {
        const memory::desc layout(shape.dims(), memory::data_type::f32, tag);
        SCOPED_TRACE(joined(shape, ", block ", layout.data.format_desc.blocking.inner_blks[0]));
        std::vector<float> ours(layout.get_size() / sizeof(float), -2.0f);
        ASSERT_TRUE(cpu::fill_direct_weights(context, weight, layout, ours.data()));
        EXPECT_EQ(ours, by_onednn(context, weight, layout));
      }
    }
  }
}

TEST(DirectWeights, OtherLayoutsAreLeftToOneDnn) {
  using Tag = memory::format_tag;
  const Context context;
  const Tensor weight = random_tensor({32, 32, 1, 1}, 8);
  const std::vector<float> before(weight.elements(), 7.0f);
  std::vector<float> to = before;
  for (const Tag tag : {Tag::abcd, Tag::acdb, Tag::ABcd16b16a, Tag::ABcd8b8a, Tag::aBcd16b,
                        Tag::Abcd16a, Tag::Abcd4a}) {
    const memory::desc layout(weight.shape().dims(), memory::data_type::f32, tag);
    SCOPED_TRACE(static_cast<int>(tag));
    EXPECT_FALSE(cpu::fill_direct_weights(context, weight, layout, to.data()));
  }
  for (const memory::data_type type : {memory::data_type::s8, memory::data_type::bf16}) {
    const memory::desc layout(weight.shape().dims(), type, Tag::Acdb32a);
    EXPECT_FALSE(cpu::fill_direct_weights(context, weight, layout, to.data()));
  }
  EXPECT_EQ(to, before);
  const Tensor larger = random_tensor({32, 3, 3, 3}, 9);
  const memory::desc layout(larger.shape().dims(), memory::data_type::f32, Tag::Acdb32a);
  EXPECT_FALSE(cpu::fill_direct_weights(context, larger, layout, to.data()));
}

TEST(WinogradWeights, OtherLayoutsAreLeftToOneDnn) {
  const Context context;
  const ConvSpec spec = square_conv(64, 64, 28);
  const Tensor weight = random_tensor(spec.weight_shape(), 6);
  std::vector<float> to(size_t{64} * 64 * 36, 7.0f);
  const std::vector<float> before = to;
  const memory::desc direct =
      cpu::ConvTerms(spec)
          .forward(context.cpu().engine, dnnl::algorithm::convolution_direct)
          .weights_desc();
  EXPECT_FALSE(cpu::fill_winograd_weights(context, weight, direct, to.data()));
  for (const memory::desc& known : layouts_of(context, spec)) {
    std::vector<dnnl_memory_desc_t> others(5, known.data);
    others[0].format_desc.wino_desc.wino_format = dnnl_wino_wei_aaOIoi;
    others[1].format_desc.wino_desc.r = 5;
    others[2].format_desc.wino_desc.adj_scale = 0.5f;
    others[3].format_desc.wino_desc.oc_block = 8;
    others[4].data_type = dnnl_s8;
    for (size_t i = 0; i < others.size(); ++i) {
      SCOPED_TRACE(joined("layout ", i));
      EXPECT_FALSE(cpu::fill_winograd_weights(context, weight, memory::desc(others[i]), to.data()));
    }
  }
  EXPECT_EQ(to, before);
}

}  // namespace
}  // namespace hdecomp::op_testing
