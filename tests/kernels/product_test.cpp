/// The CPU's matrix products, against sums in double, and the same bits beside any others.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "kernels/product/product_cpu.h"

namespace hdecomp::cpu {
namespace {

using Floats = std::vector<float>;

Floats random_floats(int64_t count, unsigned seed) {
  std::mt19937 engine(seed);
  std::uniform_real_distribution<float> any(-1, 1);
  Floats made(count);
  for (float& value : made) value = any(engine);
  return made;
}

/// C of random factors, on top of what was there where it is added.
Floats product(const ProductSize& size, const Factor& a, const Factor& b, const Floats* before) {
  Floats c = before != nullptr ? *before : Floats(size.rows * size.columns, -7.0f);
  Floats packing(packing_floats());
  multiply(size, a, b, before != nullptr, c.data(), size.columns, packing.data());
  return c;
}

TEST(Product, IsTheSumTurnedOrNot) {
  for (const ProductSize size : {ProductSize{1, 1, 1}, ProductSize{23, 41, 300},
                                 ProductSize{263, 97, 17}, ProductSize{8, 48, 256}}) {
    const auto [m, n, k] = size;
    const Floats a = random_floats(m * k, 1), b = random_floats(k * n, 2),
                 before = random_floats(m * n, 3);
    for (const bool turned_a : {false, true}) {
      for (const bool turned_b : {false, true}) {
        const Factor left{a.data(), turned_a ? m : k, turned_a};
        const Factor right{b.data(), turned_b ? k : n, turned_b};
        const Floats c = product(size, left, right, nullptr);
        const Floats added = product(size, left, right, &before);
        for (int64_t i = 0; i < m * n; ++i) {
          double exact = 0;
          for (int64_t l = 0; l < k; ++l) {
            exact += static_cast<double>(turned_a ? a[l * m + i / n] : a[i / n * k + l]) *
                     (turned_b ? b[i % n * k + l] : b[l * n + i % n]);
          }
          ASSERT_NEAR(c[i], exact, 1e-5 * static_cast<double>(k)) << i;
          ASSERT_NEAR(added[i], exact + before[i], 1e-5 * static_cast<double>(k)) << i;
        }
      }
    }
  }
}

TEST(Product, OfNothingIsZero) {
  const Floats c = product({3, 5, 0}, {nullptr, 3, true}, {nullptr, 5}, nullptr);
  EXPECT_EQ(c, Floats(15, 0.0f));
}

TEST(Product, HasTheSameBitsBesideAnyOthers) {
  constexpr int64_t m = 37, n = 113, k = 290;
  const Floats a = random_floats(m * k, 1), b = random_floats(k * n, 2);
  const Factor left{a.data(), m, true};
  const Floats all = product({m, n, k}, left, {b.data(), n}, nullptr);
  for (int64_t first = 0; first < n; first += 19) {
    const int64_t columns = std::min<int64_t>(first % 5 + 1, n - first);
    const Floats some = product({m, columns, k}, left, {b.data() + first, n}, nullptr);
    for (int64_t i = 0; i < m * columns; ++i) {
      ASSERT_EQ(some[i], all[i / columns * n + first + i % columns]) << first;
    }
  }
}

TEST(Product, ANanStaysInItsRowAndColumn) {
  constexpr int64_t m = 9, n = 21, k = 5;
  Floats a = random_floats(m * k, 1), b = random_floats(k * n, 2);
  b[2 * n + 20] = std::numeric_limits<float>::quiet_NaN();
  const Floats c = product({m, n, k}, {a.data(), k}, {b.data(), n}, nullptr);
  for (int64_t i = 0; i < m * n; ++i) EXPECT_EQ(std::isnan(c[i]), i % n == 20) << i;
}

}  // namespace
}  // namespace hdecomp::cpu
