/// Numbers as text: rounded as printf rounds them, with a point.
#include "weights/file/decimal.h"

#include <gtest/gtest.h>

#include <limits>

namespace hdecomp {
namespace {

TEST(Decimal, FixedAndSignificantDigits) {
  EXPECT_EQ(decimal(0.1234, 2), "0.12");
  EXPECT_EQ(decimal(0.125, 2), "0.12");  // a tie goes to the even digit
  EXPECT_EQ(decimal(-2.5, 0), "-2");
  EXPECT_EQ(decimal(1e300, 1).size(), 303u);
  EXPECT_EQ(decimal(std::numeric_limits<double>::max(), 3).size(), 313u);
  EXPECT_EQ(decimal(4.94065, 4, std::chars_format::general), "4.941");
  EXPECT_EQ(decimal(0.00042, 1, std::chars_format::scientific), "4.2e-04");
  EXPECT_EQ(decimal(std::numeric_limits<double>::quiet_NaN(), 2), "nan");
}

}  // namespace
}  // namespace hdecomp
