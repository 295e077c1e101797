/// Values that CLI11 would take for others: each is refused in one line that names its flag.
#include "tests/tools/command_errors_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;
using PlainValues = CommandErrors;

TEST_F(PlainValues, WholeNumbersAreDecimal) {
  for (const char* value : {"-1", "0x10", "010", "+5", "1e3", " 7", "7 ", "1.0", "one"}) {
    refused({"init", "--arch", "alexnet", "-o", "made.h5", "--seed", value}, "--seed: '");
  }
  for (const char* value : {"0x10", "010", "+5", "1e1", " 3", "-0x3"}) {
    explain_refused({"--top", value}, "--top: '");
    explain_refused({"--batch", value}, "--batch: '");
    explain_refused({"--threads", value}, "--threads: '");
    refused({"serve", "--port", value}, "--port: '");
    convert_refused("a.pth", "--crop: '", {"--crop", value});
    convert_refused("a.pth", "--pixel-range: '", {"--pixel-range", value});
  }
  refused({"init", "--arch", "alexnet", "-o", "made.h5", "--seed", "18446744073709551616"},
          "--seed");
}

TEST_F(PlainValues, WholeNumbersFitTheirFlags) {
  for (const char* value : {"2147483648", "99999999999999999999"}) {
    explain_refused({"--top", value}, joined("--top: ", value, " is beyond 2147483647"));
    explain_refused({"--threads", value}, joined("--threads: ", value, " is beyond 2147483647"));
  }
  explain_refused({"--top", "-2147483649"}, "--top: -2147483649 is beyond -2147483648");
}

TEST_F(PlainValues, OtherNumbersAreDecimalAndFinite) {
  for (const char* value : {"0x1", "nan", "inf", "+0.5", "0.5x", " 0.5", "1e999"}) {
    explain_refused({"--merge-overlaps", value}, "--merge-overlaps: '");
    convert_refused("a.pth", "--mean: '", {"--mean", value});
    convert_refused("a.pth", "--std: '", {"--std", joined("1,1,", value)});
  }
}

TEST_F(PlainValues, AnEmptyValueIsNone) {
  for (const char* flag : {"--resize", "--crop", "--mean", "--std", "--channel-order", "--arch",
                           "--classes", "--key", "--pixel-range"}) {
    convert_refused("a.pth", joined(flag, ": is empty"), {flag, ""});
  }
  for (const char* flag : {"--class", "--top", "--depth", "--model", "--device", "--output-dir",
                           "--list", "--show", "--precision"}) {
    explain_refused({flag, ""}, joined(flag, ": is empty"));
  }
  refused({"classify", ""}, "images: is empty");
  refused({"classify", "a.jpg", "--labels", ""}, "--labels: is empty");
  refused({"serve", "--host", ""}, "--host: is empty");
}

}  // namespace
}  // namespace hdecomp
