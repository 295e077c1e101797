/// Floats read in pieces by several threads: all of them, from where they begin, with what is
/// wrong.
#include "weights/file/parallel_read.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <vector>

#include "hdecomp/error.h"
#include "tests/support/temporary_files.h"
#include "weights/file/file_descriptor.h"

namespace hdecomp {
namespace {

/// More than three pieces, and a part of one.
constexpr int64_t many = (int64_t{3} << 17) + 1001;

std::vector<float> numbers(int64_t n) {
  std::vector<float> values(n);
  for (int64_t i = 0; i < n; ++i) values[i] = static_cast<float>(i) + 0.5f;
  return values;
}

/// A file of `values` behind seven other bytes, open.
FileDescriptor file_of(const std::vector<float>& values) {
  const std::string path = file_testing::temporary_path(".floats");
  std::ofstream file(path, std::ios::binary);
  file.write("seven..", 7);
  file.write(reinterpret_cast<const char*>(values.data()),
             static_cast<std::streamsize>(values.size() * sizeof(float)));
  file.close();
  return FileDescriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

TEST(ReadFloats, AreThoseOfTheFile) {
  for (const int64_t n : {int64_t{1}, int64_t{1} << 17, many}) {
    const std::vector<float> values = numbers(n);
    const FileDescriptor file = file_of(values);
    std::vector<float> read(n);
    EXPECT_EQ(read_floats(file.number(), 7, read), -1);
    EXPECT_EQ(read, values) << n;
  }
}

TEST(ReadFloats, TheFirstThatIsNotFiniteIsNamed) {
  std::vector<float> values = numbers(many);
  values[many - 1] = std::numeric_limits<float>::infinity();
  std::vector<float> read(many);
  EXPECT_EQ(read_floats(file_of(values).number(), 7, read), many - 1);
  values[(int64_t{1} << 17) + 3] = std::nanf("");
  EXPECT_EQ(read_floats(file_of(values).number(), 7, read), (int64_t{1} << 17) + 3);
}

std::string complaint(int file, int64_t n) {
  std::vector<float> read(n);
  try {
    read_floats(file, 7, read);
  } catch (const UserError& fault) {
    return fault.what();
  }
  return "none";
}

TEST(ReadFloats, AFileThatEndsTooSoonIsCutShort) {
  const FileDescriptor file = file_of(numbers(many));
  EXPECT_EQ(complaint(file.number(), many), "none");
  EXPECT_EQ(complaint(file.number(), many + 1), "cut short");
}

TEST(ReadFloats, TheSystemsWordIsPassedOn) {
  const FileDescriptor folder(open(testing::TempDir().c_str(), O_RDONLY | O_DIRECTORY));
  EXPECT_THAT(complaint(folder.number(), 1), testing::HasSubstr("directory"));
}

}  // namespace
}  // namespace hdecomp
