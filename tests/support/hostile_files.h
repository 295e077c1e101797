/// What the tests of the file readers share: bytes of files, the line of an error, damaged copies.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "hdecomp/error.h"
#include "tests/support/temporary_files.h"

namespace hdecomp::file_testing {

using Bytes = std::vector<uint8_t>;

inline void write_bytes(const std::string& path, const Bytes& bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  ASSERT_TRUE(out.flush());
}

inline Bytes read_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return {};
  Bytes bytes(static_cast<size_t>(in.tellg()));
  in.seekg(0).read(reinterpret_cast<char*>(bytes.data()), std::ssize(bytes));
  return bytes;
}

/// The line of the UserError that `action` throws; "" if it throws none.
inline std::string line_if_refused(const std::function<void()>& action) {
  try {
    action();
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}
/// The same; a failure if it throws none.
inline std::string error_line(const std::function<void()>& action) {
  std::string line = line_if_refused(action);
  if (line.empty()) ADD_FAILURE() << "no UserError";
  return line;
}

inline void expect_line(const std::string& line, const std::string& part) {
  EXPECT_NE(line.find(part), std::string::npos) << "'" << line << "' without '" << part << "'";
  EXPECT_EQ(line.find('\n'), std::string::npos) << line;
}

/// True if `read` accepts, false if it throws UserError; any other exception is a failure.
inline bool accepts(const std::function<void(const Bytes&)>& read, const Bytes& bytes) {
  try {
    read(bytes);
    return true;
  } catch (const UserError&) {
    return false;
  } catch (const std::exception& fault) {
    ADD_FAILURE() << "not a UserError: " << fault.what();
    return false;
  }
}

/// Every `step`th beginning of a good file, from no byte to all but the last, is refused; the whole
/// is read.
inline void expect_beginnings_refused(const Bytes& good,
                                      const std::function<void(const Bytes&)>& read,
                                      size_t step = 1) {
  ASSERT_TRUE(accepts(read, good));
  for (size_t missing = 1; missing <= good.size(); missing += step) {
    EXPECT_FALSE(accepts(read, Bytes(good.begin(), good.end() - static_cast<long>(missing))))
        << good.size() - missing << " of " << good.size() << " bytes";
  }
}

/// `count` copies of a good file with one to four bytes changed, the same on every machine: each is
/// read or refused. Returns how many were refused.
inline int try_mutations(const Bytes& good, int count,
                         const std::function<void(const Bytes&)>& read) {
  std::mt19937 random(20240607);
  int refused = 0;
  for (int i = 0; i < count; ++i) {
    Bytes bad = good;
    for (uint32_t changes = 1 + random() % 4; changes > 0; --changes) {
      uint8_t& byte = bad[random() % bad.size()];
      // Bit flips, and the values that sizes and signs break at.
      constexpr uint8_t edges[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
      const uint32_t choice = random();
      byte = choice % 2 == 0 ? static_cast<uint8_t>(byte ^ (1u << (choice >> 8) % 8))
                             : edges[(choice >> 8) % std::size(edges)];
    }
    refused += accepts(read, bad) ? 0 : 1;
  }
  return refused;
}

}  // namespace hdecomp::file_testing
