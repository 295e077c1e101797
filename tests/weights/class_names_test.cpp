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
    content += joined("\"", i, "\": [\"n", i, "\", \"name ", i, "\"]", i > 0 ? ", " : "}\n");
  }
  const ClassNames names = read(content);
  ASSERT_EQ(names.names.size(), 12u);
  ASSERT_EQ(names.wnids.size(), 12u);
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(names.names[i], joined("name ", i));
    EXPECT_EQ(names.wnids[i], joined("n", i));
  }
}

TEST(ClassNames, JsonInEveryForm) {
  const Names wanted{"tench", "great white shark"};
  for (const char* content : {"[\"tench\",\n\"great white shark\"]\n",
                              "{\"1\": \"great white shark\",\n \"0\": \"tench\"}",
                              "{\"great white shark\": 1, \"tench\": 0}",
                              "\xef\xbb\xbf[\"tench\",\r\n\"great white shark\"]"}) {
    const ClassNames names = read(content);
    EXPECT_EQ(names.names, wanted) << content;
    EXPECT_TRUE(names.wnids.empty()) << content;
  }
  const ClassNames pairs =
      read("[[\"n01440764\", \"tench\"], [\"n01484850\", \"great white shark\"]]");
  EXPECT_EQ(pairs.names, wanted);
  EXPECT_EQ(pairs.wnids, (Names{"n01440764", "n01484850"}));
}

TEST(ClassNames, WithoutAByteOrderMark) {
  EXPECT_EQ(read("\xef\xbb\xbf"
                 "cat\r\ndog\r\n")
                .names,
            (Names{"cat", "dog"}));
}

TEST(ClassNames, WordNetIdsInFrontOfEveryLine) {
  const ClassNames names = read("n01440764 tench, Tinca tinca\nn01443537\tgoldfish\n");
  EXPECT_EQ(names.names, (Names{"tench, Tinca tinca", "goldfish"}));
  EXPECT_EQ(names.wnids, (Names{"n01440764", "n01443537"}));
  const ClassNames some = read("n01440764 tench\ngoldfish\n");
  EXPECT_EQ(some.names, (Names{"n01440764 tench", "goldfish"}));
  EXPECT_TRUE(some.wnids.empty());
}

TEST(ClassNames, WithoutBlanksAtTheirEnds) {
  EXPECT_EQ(read("  cat \n\tgreat white shark\t\r\n   \n").names,
            (Names{"cat", "great white shark"}));
}

TEST(ClassNames, RefusesNumberedLinesInAnotherOrder) {
  expect_line(refusal("2: cup\n0: cat\n1: dog\n"), "numbered from 0 to 2, but begin with 2");
  expect_line(refusal("3 cup\n1 cat\n2 dog\n"), "numbered from 1 to 3, but begin with 3");
  for (const Names& names : {Names{"0 cat", "1 dog", "2 cup"},
                             {"1. cat", "2. dog"},
                             {"2", "0", "1"},
                             {"1 cat", "10 dog", "2 cup"},
                             {"2 cups", "0 cat", "dog"},
                             {"3 cups", "1 cat"},
                             {"2nd", "0th", "1st"}}) {
    std::string lines;
    for (const std::string& name : names) lines += name + "\n";
    EXPECT_EQ(read(lines).names, names);
  }
}

TEST(ClassNames, RefusesOtherEncodings) {
  expect_line(refusal("cat\n\ncaf\xe9\n"), "line 3 is not UTF-8");
}

TEST(ClassNames, RefusesOtherJson) {
  expect_line(refusal("{"), "not JSON");
  expect_line(refusal("[\"a\", \"b\""), "not JSON");
  expect_line(refusal("{}"), "no class names");
  expect_line(refusal("[]"), "no class names");
  expect_line(refusal("{\"0\": [\"n0\", \"a\"], \"2\": [\"n2\", \"c\"]}"),
              "class 1 is missing; the indices go on with 2");
  expect_line(refusal("{\"a\": 0, \"b\": 2}"), "class 1 is missing");
  expect_line(refusal("{\"a\": 0, \"b\": 0}"), "class 0 comes twice, as 'a' and 'b'");
  expect_line(refusal("{\"0\": \"a\", \"0\": \"b\"}"), "'0' comes twice");
  expect_line(refusal("{\"0\": \"a\", \"00\": \"b\"}"), "class 0 comes twice");
  expect_line(refusal("{\"a\": -1}"), "class 'a' has the index -1");
  expect_line(refusal("{\"a\": \"b\"}"), "'a' is no class index");
  expect_line(refusal("{\"0\": [\"n0\"]}"), "class 0 is neither");
  expect_line(refusal("{\"0\": [\"n0\", 5]}"), "class 0 is neither");
  expect_line(refusal("[5]"), "class 0 is neither");
  expect_line(refusal("[\"a\", \"\"]"), "class 1 has an empty name");
  expect_line(refusal("[\"a\", [\"n1\", \"b\"]]"), "class 0 has no WordNet id");
  expect_line(refusal("[\"" + std::string(1001, 'a') + "\"]"), "1001 bytes");
  expect_line(refusal("{\"0\": " + std::string(1 << 20, '[')), "not JSON");
}

TEST(ClassNames, RefusesALongFile) {
  expect_line(refusal(std::string((size_t{16} << 20) + 1, '\n')), "at most 16777216");
}

TEST(ClassNames, BearsCutsAndMutations) {
  const std::string text =
      "{\"0\": [\"n01440764\", \"tench\"], \"1\": [\"n01443537\", \"goldfish\"]}";
  const Bytes good(text.begin(), text.end());
  const auto read_bytes = [](const Bytes& bytes) { read(std::string(bytes.begin(), bytes.end())); };
  expect_beginnings_refused(good, read_bytes);
  EXPECT_GT(try_mutations(good, 2000, read_bytes), 500);
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
