/// The code that stands in for oneDNN, through its interface: against sums in double precision, and
/// to the same bits on any number of threads. In a program of its own: the library is not in it.
#include <gtest/gtest.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <dnnl.hpp>
#include <random>

namespace {

using dnnl::memory;
using Tag = memory::format_tag;
using Floats = std::vector<float>;

const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
const dnnl::stream stream(engine);

Floats random_floats(int64_t count, unsigned seed) {
  std::mt19937 bits(seed);
  std::uniform_real_distribution<float> number(-1, 1);
  Floats made(count);
  std::ranges::generate(made, [&] { return number(bits); });
  return made;
}

/// A convolution of square taps, by sides.
struct Conv {
  int64_t images, groups, in, out, height, width, taps, stride, pad, reach;
  int64_t far = 0;  // more padding at the far side

  int64_t out_of(int64_t size) const {
    return (size + 2 * pad + far - reach * (taps - 1) - 1) / stride + 1;
  }
  memory::dims x() const { return {images, in, height, width}; }
  memory::dims y() const { return {images, out, out_of(height), out_of(width)}; }
  memory::dims w() const {
    if (groups == 1) return {out, in, taps, taps};
    return {groups, out / groups, in / groups, taps, taps};
  }
};

int64_t count_of(const memory::dims& dims) {
  int64_t count = 1;
  for (const int64_t size : dims) count *= size;
  return count;
}

/// Calls body(x index, w index, y index) for every product of the convolution.
template <class Body>
void each_product(const Conv& c, Body&& body) {
  const int64_t in = c.in / c.groups, out = c.out / c.groups;
  const int64_t high = c.out_of(c.height), wide = c.out_of(c.width);
  for (int64_t i = 0; i < c.images * c.out * in * c.taps * c.taps; ++i) {
    const int64_t s = i % c.taps, r = i / c.taps % c.taps, k = i / c.taps / c.taps % in;
    const int64_t o = i / c.taps / c.taps / in % c.out, n = i / c.taps / c.taps / in / c.out;
    const int64_t w = ((o * in + k) * c.taps + r) * c.taps + s;
    for (int64_t y = 0; y < high; ++y) {
      for (int64_t x = 0; x < wide; ++x) {
        const int64_t from_y = y * c.stride - c.pad + r * c.reach;
        const int64_t from_x = x * c.stride - c.pad + s * c.reach;
        if (from_y < 0 || from_y >= c.height || from_x < 0 || from_x >= c.width) continue;
        const int64_t plane = n * c.in + o / out * in + k;
        body((plane * c.height + from_y) * c.width + from_x, w,
             ((n * c.out + o) * high + y) * wide + x);
      }
    }
  }
}

Floats in_layout(const Floats& from, const memory::desc& is, const memory::desc& wanted) {
  Floats to(wanted.get_size() / sizeof(float), 7.0f);
  const dnnl::reorder::primitive_desc found(engine, is, engine, wanted, {});
  dnnl::primitive(found.get())
      .execute(stream, {{DNNL_ARG_FROM, {is, engine, const_cast<float*>(from.data())}},
                        {DNNL_ARG_TO, {wanted, engine, to.data()}}});
  return to;
}

memory::desc plain(const memory::dims& dims) {
  const Tag tag = dims.size() == 5 ? Tag::goihw : dims.size() == 4 ? Tag::nchw : Tag::x;
  return {dims, memory::data_type::f32, tag};
}
memory::desc any(const memory::dims& dims) { return {dims, memory::data_type::f32, Tag::any}; }

dnnl::convolution_forward::primitive_desc forward_of(const Conv& c, dnnl::algorithm how,
                                                     const dnnl::primitive_attr& attr) {
  const memory::dims gaps{c.reach - 1, c.reach - 1}, pads{c.pad, c.pad},
      strides{c.stride, c.stride};
  return {{dnnl::prop_kind::forward_inference, how, any(c.x()), any(c.w()), plain({c.out}),
           any(c.y()), strides, gaps, pads, pads},
          attr,
          engine};
}

/// What a description gives: `from` and weights are plain, as is what is returned.
Floats run(const dnnl::primitive_desc& found, const Conv& c, bool back, const Floats& from,
           const Floats& weights, const Floats& bias) {
  const memory::dims in = back ? c.y() : c.x(), out = back ? c.x() : c.y();
  const memory::desc in_desc = back ? found.dst_desc() : found.src_desc();
  const memory::desc out_desc = back ? found.src_desc() : found.dst_desc();
  Floats x = in_layout(from, plain(in), in_desc);
  Floats w = in_layout(weights, plain(c.w()), found.weights_desc());
  Floats y(out_desc.get_size() / sizeof(float), 7.0f);
  Floats scratch(found.scratchpad_desc().get_size() / sizeof(float));
  dnnl::arguments given{{back ? DNNL_ARG_DIFF_DST : DNNL_ARG_SRC, {in_desc, engine, x.data()}},
                        {DNNL_ARG_WEIGHTS, {found.weights_desc(), engine, w.data()}},
                        {back ? DNNL_ARG_DIFF_SRC : DNNL_ARG_DST, {out_desc, engine, y.data()}},
                        {DNNL_ARG_SCRATCHPAD, {found.scratchpad_desc(), engine, scratch.data()}}};
  if (!back) {
    given[DNNL_ARG_BIAS] = {found.bias_desc(), engine, const_cast<float*>(bias.data())};
  }
  dnnl::primitive(found.get()).execute(stream, given);
  return in_layout(y, out_desc, plain(out));
}

void expect_near(const Floats& values, const std::vector<double>& exact, double tolerance) {
  ASSERT_EQ(values.size(), exact.size());
  for (size_t i = 0; i < values.size(); ++i) ASSERT_NEAR(values[i], exact[i], tolerance) << i;
}

const Conv convs[] = {
    {1, 1, 3, 20, 13, 11, 7, 2, 3, 1},      {2, 1, 64, 33, 9, 10, 3, 1, 1, 1},
    {1, 1, 300, 40, 7, 7, 1, 1, 0, 1},      {1, 1, 24, 17, 12, 13, 1, 2, 0, 1},
    {1, 1, 16, 70, 14, 9, 3, 1, 2, 2},      {1, 4, 16, 24, 9, 9, 3, 2, 1, 1},
    {2, 2, 64, 36, 8, 9, 3, 1, 1, 1},       {2, 20, 20, 20, 11, 9, 3, 1, 1, 1},
    {1, 32, 32, 32, 10, 12, 5, 2, 2, 1, 1}, {1, 1, 64, 64, 5, 5, 3, 3, 1, 1},
    {1, 1, 8, 8, 3, 3, 3, 1, 4, 1},
};

/// The convolution forward, in double precision.
std::vector<double> sums_of(const Conv& c, const Floats& x, const Floats& w, const Floats& bias) {
  std::vector<double> sums(count_of(c.y()));
  const int64_t area = c.out_of(c.height) * c.out_of(c.width);
  for (size_t i = 0; i < sums.size(); ++i) sums[i] = bias[i / area % c.out];
  each_product(c, [&](int64_t at, int64_t weight, int64_t to) {
    sums[to] += static_cast<double>(x[at]) * w[weight];
  });
  return sums;
}

class Convolutions : public testing::TestWithParam<Conv> {
 protected:
  void SetUp() override { omp_set_num_threads(2); }
  const Conv& c = GetParam();
};
INSTANTIATE_TEST_SUITE_P(Shapes, Convolutions, testing::ValuesIn(convs));

TEST_P(Convolutions, AreTheirSums) {
  const Floats x = random_floats(count_of(c.x()), 1), w = random_floats(count_of(c.w()), 2);
  const Floats bias = random_floats(c.out, 3);
  std::vector<double> exact = sums_of(c, x, w, bias);
  const auto found = forward_of(c, dnnl::algorithm::convolution_direct, {});
  expect_near(run(found, c, false, x, w, bias), exact, 1e-4);

  dnnl::post_ops end;
  end.append_eltwise(1, dnnl::algorithm::eltwise_clip, 0, 0.5f);
  dnnl::primitive_attr attr;
  attr.set_post_ops(end);
  for (double& value : exact) value = std::clamp(value, 0.0, 0.5);
  const auto held = forward_of(c, dnnl::algorithm::convolution_direct, attr);
  expect_near(run(held, c, false, x, w, bias), exact, 1e-4);
}

TEST_P(Convolutions, GoBack) {
  const Floats dy = random_floats(count_of(c.y()), 4), w = random_floats(count_of(c.w()), 5);
  std::vector<double> exact(count_of(c.x()));
  each_product(c, [&](int64_t at, int64_t weight, int64_t to) {
    exact[at] += static_cast<double>(dy[to]) * w[weight];
  });
  const memory::dims gaps{c.reach - 1, c.reach - 1}, pads{c.pad, c.pad},
      strides{c.stride, c.stride};
  const dnnl::convolution_backward_data::primitive_desc found(
      {dnnl::algorithm::convolution_direct, any(c.x()), any(c.w()), any(c.y()), strides, gaps, pads,
       pads},
      {}, engine, forward_of(c, dnnl::algorithm::convolution_direct, {}));
  expect_near(run(found, c, true, dy, w, {}), exact, 1e-4);
}

TEST_P(Convolutions, AreTheSameBitsForAnyNumberOfThreads) {
  const Floats x = random_floats(count_of(c.x()), 6), w = random_floats(count_of(c.w()), 7);
  const Floats bias = random_floats(c.out, 8);
  Floats first;
  for (const int threads : {1, 3}) {
    omp_set_num_threads(threads);
    const auto found = forward_of(c, dnnl::algorithm::convolution_direct, {});
    const Floats y = run(found, c, false, x, w, bias);
    if (first.empty()) first = y;
    EXPECT_EQ(std::memcmp(y.data(), first.data(), y.size() * sizeof(float)), 0);
  }
}

TEST(Winograd, IsTheSum) {
  for (const Conv& c :
       {Conv{1, 1, 64, 64, 14, 15, 3, 1, 1, 1}, Conv{2, 1, 70, 52, 13, 12, 3, 1, 0, 1},
        Conv{1, 1, 300, 72, 18, 19, 3, 1, 1, 1}}) {
    const Floats x = random_floats(count_of(c.x()), 1), w = random_floats(count_of(c.w()), 2);
    const Floats bias = random_floats(c.out, 3);
    const std::vector<double> exact = sums_of(c, x, w, bias);
    const double largest = *std::ranges::max_element(exact);
    Floats first;
    for (const int threads : {1, 3}) {
      omp_set_num_threads(threads);
      const auto found = forward_of(c, dnnl::algorithm::convolution_winograd, {});
      EXPECT_STREQ(found.impl_info_str(), "plain:winograd");
      const Floats y = run(found, c, false, x, w, bias);
      if (first.empty()) expect_near(first = y, exact, 1e-5 * largest);
      EXPECT_EQ(std::memcmp(y.data(), first.data(), y.size() * sizeof(float)), 0);
    }
  }
}

TEST(Winograd, RefusesOtherConvolutions) {
  for (const Conv& c :
       {Conv{1, 1, 64, 64, 14, 14, 3, 2, 1, 1}, Conv{1, 1, 64, 64, 14, 14, 5, 1, 2, 1},
        Conv{1, 2, 64, 64, 14, 14, 3, 1, 1, 1}}) {
    EXPECT_THROW(forward_of(c, dnnl::algorithm::convolution_winograd, {}), dnnl::error);
  }
}

TEST(Maps, ComeBackFromEveryLayout) {
  const memory::dims dims{2, 19, 5, 7};
  const Floats x = random_floats(count_of(dims), 1);
  for (const Tag tag : {Tag::nchw, Tag::nhwc, Tag::nChw8c, Tag::nChw16c}) {
    const memory::desc layout(dims, memory::data_type::f32, tag);
    const Floats there = in_layout(x, plain(dims), layout);
    EXPECT_EQ(in_layout(there, layout, plain(dims)), x);
    EXPECT_TRUE(tag != Tag::nChw8c || there[(2 * 35 + 34) * 8 + 7] == 0.0f);  // fills up
  }
}

TEST(Maps, PoolAndJoin) {
  const memory::dims dims{2, 5, 9, 7}, pooled{2, 5, 5, 4}, joined{2, 10, 9, 7};
  const Floats x = random_floats(count_of(dims), 1);
  for (const Tag tag : {Tag::nchw, Tag::nhwc}) {
    const memory::desc layout(dims, memory::data_type::f32, tag);
    Floats laid = in_layout(x, plain(dims), layout);
    const memory from(layout, engine, laid.data());
    const dnnl::pooling_forward::primitive_desc pool({dnnl::prop_kind::forward_inference,
                                                      dnnl::algorithm::pooling_max,
                                                      layout,
                                                      any(pooled),
                                                      {2, 2},
                                                      {3, 3},
                                                      {1, 1},
                                                      {1, 1}},
                                                     {}, engine);
    Floats y(count_of(pooled));
    dnnl::primitive(pool.get())
        .execute(stream,
                 {{DNNL_ARG_SRC, from}, {DNNL_ARG_DST, {pool.dst_desc(), engine, y.data()}}});
    y = in_layout(y, pool.dst_desc(), plain(pooled));
    for (int64_t i = 0; i < count_of(pooled); ++i) {
      float most = -2;
      for (int64_t t = 0; t < 9; ++t) {
        const int64_t r = i / 4 % 5 * 2 - 1 + t / 3, s = i % 4 * 2 - 1 + t % 3;
        if (r < 0 || r >= 9 || s < 0 || s >= 7) continue;
        most = std::max(most, x[(i / 20 * 9 + r) * 7 + s]);
      }
      ASSERT_EQ(y[i], most) << i;
    }
    const dnnl::concat::primitive_desc join(1, {layout, plain(dims)}, engine, {});
    Floats both(count_of(joined));
    dnnl::primitive(join.get())
        .execute(stream,
                 {{DNNL_ARG_MULTIPLE_SRC, from},
                  {DNNL_ARG_MULTIPLE_SRC + 1, {plain(dims), engine, const_cast<float*>(x.data())}},
                  {DNNL_ARG_DST, {join.dst_desc(), engine, both.data()}}});
    both = in_layout(both, join.dst_desc(), plain(joined));
    for (int64_t i = 0; i < count_of(joined); ++i) {
      ASSERT_EQ(both[i], x[i / 630 * 315 + i % 315]) << i;
    }
  }
}

}  // namespace
