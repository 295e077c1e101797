/// WeightStore: made once for all who hold it, freed with the last, never another weight's.
#include "kernels/conv/weight_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "hdecomp/error.h"
#include "kernels/conv/conv.h"

namespace hdecomp {
namespace {

TEST(WeightStore, FillsOnceWhileHeldAndCountsItsBytes) {
  WeightStore store;
  const float weight = 0, other = 0;
  int fills = 0;
  const auto fill = [&](float* to) {
    ++fills;
    std::fill_n(to, 64, static_cast<float>(fills));
  };
  auto first = store.get({&weight, {1, 2}}, 256, fill);
  const auto again = store.get({&weight, {1, 2}}, 256, fill);
  EXPECT_EQ(first.get(), again.get());
  EXPECT_EQ(reinterpret_cast<uintptr_t>(first.get()) % 64, 0U);
  EXPECT_EQ(store.bytes(), 256);
  const auto otherwise = store.get({&weight, {1, 3}}, 256, fill);
  const auto of_other = store.get({&other, {1, 2}}, 256, fill);
  EXPECT_EQ(fills, 3);
  EXPECT_EQ(store.bytes(), 3 * 256);
  EXPECT_EQ(first.get()[63], 1);
  EXPECT_EQ(otherwise.get()[63], 2);
  EXPECT_EQ(of_other.get()[63], 3);
}

TEST(WeightStore, ForgetsWhatNobodyHolds) {
  WeightStore store;
  const float weight = 0;
  float value = 1;
  const auto fill = [&](float* to) { *to = value; };
  store.get({&weight, {}}, 4, fill).reset();
  EXPECT_EQ(store.bytes(), 0);
  value = 2;  // another weight, which came to lie where the first one was
  EXPECT_EQ(*store.get({&weight, {}}, 4, fill), 2);
}

TEST(WeightStore, WhatItGaveOutlivesIt) {
  const float weight = 0;
  std::shared_ptr<const float> kept;
  {
    WeightStore store;
    kept = store.get({&weight, {}}, int64_t{20} << 20, [](float* to) { to[5 << 20 >> 2] = 7; });
  }
  EXPECT_EQ(kept.get()[5 << 20 >> 2], 7);
}

TEST(WeightStore, AFillThatThrowsLeavesNothing) {
  WeightStore store;
  const float weight = 0;
  EXPECT_THROW(store.get({&weight, {}}, 64, [](float*) { throw Error("no"); }), Error);
  EXPECT_EQ(store.bytes(), 0);
  EXPECT_EQ(*store.get({&weight, {}}, 64, [](float* to) { *to = 3; }), 3);
}

TEST(WeightStore, ThreadsThatAskTogetherGetOne) {
  WeightStore store;
  const float weight = 0;
  std::atomic<int> fills = 0;
  std::vector<std::shared_ptr<const float>> got(8);
  std::vector<std::jthread> threads;
  for (auto& mine : got) {
    threads.emplace_back([&] {
      mine = store.get({&weight, {}}, 64, [&](float* to) {
        ++fills;
        std::this_thread::yield();
        *to = 5;
      });
    });
  }
  threads.clear();
  EXPECT_EQ(fills, 1);
  for (const auto& mine : got) EXPECT_EQ(*mine, 5);
}

/// Of one weight: a convolution of stride 2 to few channels goes back with a weight turned by its
/// padding, and those of both paddings have one shape and layout.
TEST(WeightStore, PlansOfOneWeightDoNotTakeEachOthers) {
  const Context context({}, 1);
  Tensor weight({}, {16, 4, 3, 3}), bias({}, {16});
  for (int64_t i = 0; i < weight.elements(); ++i) {
    weight.data()[i] = static_cast<float>(i * 7919 % 2003 - 1001) / 1024;
  }
  std::ranges::fill(bias.span(), 0.0f);
  WeightStore store;
  std::vector<std::unique_ptr<Conv>> kept;
  for (const int64_t pad : {0, 1}) {
    const ConvSpec spec{.in_channels = 4,
                        .height = 12,
                        .width = 12,
                        .out_channels = 16,
                        .kernel_h = 3,
                        .kernel_w = 3,
                        .stride_h = 2,
                        .stride_w = 2,
                        .pad_h = pad,
                        .pad_w = pad};
    Tensor x({}, spec.input_shape()), y({}, spec.output_shape());
    std::ranges::fill(x.span(), 0.5f);
    for (int64_t i = 0; i < y.elements(); ++i) y.data()[i] = static_cast<float>(i % 13 - 6);
    const std::unique_ptr<Conv> alone = make_conv(context, spec, weight, bias);
    Tensor wanted({}, spec.input_shape()), found({}, spec.input_shape());
    alone->backward_data(y, wanted);
    for (int time = 0; time < 2; ++time) {
      kept.push_back(make_conv(context, spec, weight, bias, &store));
      kept.back()->backward_data(y, found);
      EXPECT_TRUE(std::ranges::equal(found.span(), wanted.span())) << "pad " << pad;
    }
    Tensor forward_wanted({}, spec.output_shape());
    alone->forward(x, forward_wanted);
    kept.back()->forward(x, y);
    EXPECT_TRUE(std::ranges::equal(y.span(), forward_wanted.span())) << "pad " << pad;
  }
  EXPECT_GT(store.bytes(), 0);
  kept.clear();
  EXPECT_EQ(store.bytes(), 0);
}

}  // namespace
}  // namespace hdecomp
