/// Folders that a call wrote beside those that the command did.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/tools/command_testing.h"

namespace hdecomp::command_testing {

inline std::string text_of(const std::string& path) {
  const file_testing::Bytes bytes = file_testing::read_bytes(path);
  return {bytes.begin(), bytes.end()};
}

/// A page without its random word.
inline std::string without_word(std::string page) {
  const std::string mark = "'nonce-";
  const size_t at = page.find(mark);
  if (at == std::string::npos) return page;
  const size_t begin = at + mark.size();
  const std::string word = page.substr(begin, page.find('\'', begin) - begin);
  for (size_t i = page.find(word); i != std::string::npos; i = page.find(word)) {
    page.erase(i, word.size());
  }
  return page;
}

/// The same files, byte for byte but for pages' random words and times.
inline void expect_same_folders(const std::string& own, const std::string& told) {
  ASSERT_EQ(list_of(own), list_of(told));
  for (const std::string& name : list_of(told)) {
    const std::string one = own + "/" + name, other = told + "/" + name;
    if (std::filesystem::is_directory(other)) continue;
    if (name.ends_with(".json")) {
      EXPECT_EQ(dump_json(without(read_json(one))), dump_json(without(read_json(other)))) << name;
    } else {
      EXPECT_TRUE(without_word(text_of(one)) == without_word(text_of(other))) << name;
    }
  }
}

}  // namespace hdecomp::command_testing
