/// Class names from text files and from imagenet_class_index.json.
#include "weights/file/class_names.h"

#include <gtest/gtest.h>

#include "tests/support/hostile_files.h"

namespace hdecomp {
namespace {

using namespace file_testing;
using Names = std::vector<std::string>;

ClassNames read(const std::string& content) {
  const std::string path = temporary_path(".txt");
  write_bytes(path, Bytes(content.begin(), content.end()));
  return read_class_names(path);
}

std::string refusal(const std::string& content) {
  const std::string line = error_line([&] { read(content); });
  expect_line(line, temporary_path(".txt"));
  return line;
}

TEST(ClassNames, OnePerLine) {
  const ClassNames names = read("tench\ngreat white shark\r\n\nnaïve ☃\nlast without an end");
  EXPECT_EQ(names.names, (Names{"tench", "great white shark", "naïve ☃", "last without an end"}));
  EXPECT_TRUE(names.wnids.empty());
}

TEST(ClassNames, OfImageNetsIndexByNumber) {
  std::string content = "\n {";
  for (int i = 11; i >= 0; --i) {
    content += text("\"", i, "\": [\"n", i, "\", \"name ", i, "\"]", i > 0 ? ", " : "}\n");
  }
  const ClassNames names = read(content);
  ASSERT_EQ(names.names.size(), 12u);
  ASSERT_EQ(names.wnids.size(), 12u);
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(names.names[i], text("name ", i));
    EXPECT_EQ(names.wnids[i], text("n", i));
  }
}

TEST(ClassNames, RefusesOtherJson) {
  expect_line(refusal("{"), "not JSON");
  expect_line(refusal("{}"), "not JSON");
  expect_line(refusal("{\"0\": [\"n0\", \"a\"], \"2\": [\"n2\", \"c\"]}"), "class 1");
  expect_line(refusal("{\"0\": \"a\"}"), "class 0");
  expect_line(refusal("{\"0\": [\"n0\"]}"), "class 0");
  expect_line(refusal("{\"0\": [\"n0\", 5]}"), "class 0");
  expect_line(refusal("{\"0\": " + std::string(1 << 20, '[')), "not JSON");
}

TEST(ClassNames, RefusesOtherFiles) {
  expect_line(refusal("\n\r\n\n"), "no class names");
  expect_line(refusal(std::string("a\0b\n", 4)), "not a text file");
  expect_line(refusal(std::string(1001, 'a')), "not a text file");
  expect_line(refusal(""), "empty");
  expect_line(error_line([] { read_class_names("/nonexistent/names.txt"); }),
              "/nonexistent/names.txt");
  expect_line(error_line([] { read_class_names(::testing::TempDir()); }), ::testing::TempDir());
}

}  // namespace
}  // namespace hdecomp
