/// The reader of .safetensors files: tensors it must give, and files it must refuse.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <limits>

#include "tests/support/hostile_files.h"
#include "weights/file/tensor_file.h"
#include "weights/import/tensor_formats.h"
#include "weights/safetensors/safetensors.h"

namespace hdecomp {
namespace {

using namespace file_testing;

Bytes file_bytes(const std::string& header, const Bytes& data, int64_t claimed = -1) {
  const uint64_t length = claimed < 0 ? header.size() : static_cast<uint64_t>(claimed);
  Bytes bytes(sizeof length);
  std::memcpy(bytes.data(), &length, sizeof length);
  bytes.insert(bytes.end(), header.begin(), header.end());
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}

template <class T>
void add(Bytes& data, std::initializer_list<T> values) {
  for (const T value : values) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
    data.insert(data.end(), bytes, bytes + sizeof value);
  }
}

TensorFile read_tensors(const Bytes& bytes) {
  const std::string path = temporary_path(".safetensors");
  write_bytes(path, bytes);
  return read_safetensors(path);
}

std::string header_refusal(const std::string& header, size_t data_bytes = 24) {
  return error_line([&] { read_tensors(file_bytes(header, Bytes(data_bytes))); });
}

// A header of one tensor "w" with these fields.
std::string one(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return joined(R"({"w":{"dtype":")", dtype, R"(","shape":)", shape, R"(,"data_offsets":)", offsets,
                "}}");
}

std::vector<float> values(const Tensor& tensor) {
  return {tensor.span().begin(), tensor.span().end()};
}

TEST(Safetensors, GivesTensorsOfEveryFloatType) {
  Bytes data;
  add<float>(data, {1, 2, 3, 4});
  add<uint16_t>(data, {0x3e00, 0xc000});  // half 1.5, -2
  add<uint16_t>(data, {0x3fc0, 0xc000});  // bfloat16 1.5, -2
  add<double>(data, {0.25});
  add<int64_t>(data, {7});
  const std::string header = R"({"__metadata__":{"format":"pt"},
    "w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},
    "h":{"dtype":"F16","shape":[2],"data_offsets":[16,20]},
    "b":{"dtype":"BF16","shape":[2],"data_offsets":[20,24]},
    "d":{"dtype":"F64","shape":[],"data_offsets":[24,32]},
    "n":{"dtype":"I64","shape":[],"data_offsets":[32,40]},
    "e":{"dtype":"F32","shape":[0,5],"data_offsets":[40,40]}})";
  const std::string path = temporary_path(".safetensors");
  write_bytes(path, file_bytes(header, data));
  const TensorFile file = read_tensor_file(path);
  EXPECT_EQ(file.dialect, Dialect::torchvision);
  EXPECT_EQ(file.tensors.size(), 5u);
  EXPECT_EQ(file.tensors.at("w").shape(), Shape({2, 2}));
  EXPECT_EQ(values(file.tensors.at("w")), (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(values(file.tensors.at("h")), (std::vector<float>{1.5f, -2}));
  EXPECT_EQ(values(file.tensors.at("b")), (std::vector<float>{1.5f, -2}));
  EXPECT_EQ(values(file.tensors.at("d")), (std::vector<float>{0.25f}));
  EXPECT_EQ(file.tensors.at("e").shape(), Shape({0, 5}));
}

TEST(Safetensors, RefusesHeadersThatAreNotWhole) {
  const std::string good = one("F32", "[2,3]", "[0,24]");
  for (const int64_t claimed : {int64_t{1} << 20, int64_t{101} << 20, INT64_MAX}) {
    expect_line(error_line([&] { read_tensors(file_bytes(good, Bytes(24), claimed)); }),
                "the header claims");
  }
  expect_line(header_refusal("{"), "not a JSON object");
  expect_line(header_refusal("[1]"), "not a JSON object");
  expect_line(header_refusal(std::string(100000, '[')), "nested too deep");
  expect_line(header_refusal(R"({"a":{"b":[[1]]}})"), "nested too deep");
  expect_line(header_refusal("{}"), "no float tensors");
  expect_line(header_refusal(R"({"w":3})"), "tensor 'w' has no dtype");
}

TEST(Safetensors, RefusesWrongFields) {
  expect_line(header_refusal(one("F8_E4M3", "[6]", "[0,6]")), "tensor 'w' is of type 'F8_E4M3'");
  expect_line(header_refusal(one("F32", "6", "[0,24]")), "has no shape");
  expect_line(header_refusal(one("F32", "[-6]", "[0,24]")), "has a wrong shape");
  expect_line(header_refusal(one("F32", "[6.0]", "[0,24]")), "has a wrong shape");
  expect_line(header_refusal(one("F32", "[1,1,1,1,6]", "[0,24]")), "has 5 dimensions");
  expect_line(header_refusal(one("F32", "[1000000,1000000,1000000]", "[0,24]")),
              "too many elements");
  expect_line(header_refusal(one("F32", "[1000000,1000000,1000000,0]", "[0,0]")),
              "too many elements");
  expect_line(header_refusal(one("F32", "[6]", "[0]")), "wrong data_offsets");
  expect_line(header_refusal(one("F32", "[6]", "[-24,0]")), "wrong data_offsets");
  expect_line(header_refusal(one("F32", "[6]", "\"all\"")), "wrong data_offsets");
}

TEST(Safetensors, RefusesTensorsOutsideTheFileOrOfAnotherSize) {
  expect_line(header_refusal(one("F32", "[6]", "[0,24]"), 23), "lies outside the file");
  expect_line(header_refusal(one("F32", "[6]", "[4,28]")), "lies outside the file");
  expect_line(header_refusal(one("F32", "[6]", "[24,0]")), "lies outside the file");
  expect_line(header_refusal(one("F32", "[6]", "[18446744073709551600,8]")),
              "lies outside the file");
  expect_line(header_refusal(one("F32", "[5]", "[0,24]")), "has 24 bytes where its shape needs 20");
}

TEST(Safetensors, RefusesTensorsThatShareBytesOrNames) {
  const std::string fields = R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
  const std::string later = R"({"dtype":"F32","shape":[2],"data_offsets":[4,12]})";
  expect_line(header_refusal(joined(R"({"a":)", fields, R"(,"b":)", later, "}")),
              "'a' and 'b' share bytes");
  expect_line(header_refusal(joined(R"({"a":)", fields, R"(,"a":)", fields, "}")),
              "'a' comes twice");
}

TEST(Safetensors, BearsCutsAndMutations) {
  const std::string header = R"({"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)"
                             R"("h":{"dtype":"F16","shape":[4],"data_offsets":[24,32]}})";
  const Bytes good = file_bytes(header, Bytes(32));
  const auto read_only = [](const Bytes& bytes) { read_tensors(bytes); };
  expect_beginnings_refused(good, read_only);
  EXPECT_GT(try_mutations(good, 5000, read_only), 1000);
}

/// Processor seconds of reading a file of so many empty tensors, the least of three times.
double seconds_of(int count) {
  std::string header = "{";
  for (int i = 0; i < count; ++i) {
    header +=
        joined(i > 0 ? "," : "", "\"", i, R"(":{"dtype":"F32","shape":[0],"data_offsets":[0,0]})");
  }
  const Bytes file = file_bytes(header + "}", {});
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 3; ++i) {
    const std::clock_t begin = std::clock();
    EXPECT_EQ(read_tensors(file).tensors.size(), static_cast<size_t>(count));
    least = std::min(least, static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
  }
  return least;
}

/// A parser with a callback looks over all tensors after each one: 64 times as long for eight times
/// as many.
TEST(Safetensors, TakesTimeThatGrowsWithTheHeaderAlone) {
  EXPECT_LT(seconds_of(40'000), 24 * seconds_of(5'000));
}

}  // namespace
}  // namespace hdecomp
