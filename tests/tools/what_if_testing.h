/// What the tests of the verb what-if share.
#pragma once

#include "tests/tools/command_errors_testing.h"
#include "tests/tools/page_testing.h"

namespace hdecomp::command_testing {

class WhatIfCommand : public CommandErrors {
 protected:
  static Json answer(const std::string& image, const Args& more) {
    Args args{"what-if", image, "--device", "cpu", "--top", "2"};
    args.insert(args.end(), more.begin(), more.end());
    return run_json(args);
  }
  static Json classify(const std::string& image) {
    return run_json({"classify", image, "--device", "cpu"})["images"][0]["top"];
  }
  /// Bit for bit; the two write the same float32 with other digits.
  static void expect_same(const Json& one, const Json& other) {
    ASSERT_EQ(one.size(), other.size());
    for (size_t i = 0; i < one.size(); ++i) {
      EXPECT_EQ(one[i]["index"], other[i]["index"]);
      for (const char* key : {"score", "probability"}) {
        EXPECT_EQ(one[i][key].get<float>(), other[i][key].get<float>()) << key << " of " << i;
      }
    }
  }
  static Json tree_of(const std::string& image, const Args& more) {
    Args args{"explain", image, "--device", "cpu", "--top", "2"};
    args.insert(args.end(), more.begin(), more.end());
    return without(run_json(args));
  }
  void what_if_refused(const Args& more, const std::string& part) const {
    Args args{"what-if", photo("portrait.jpg")};
    args.insert(args.end(), more.begin(), more.end());
    refused(args, part);
  }
};

}  // namespace hdecomp::command_testing
