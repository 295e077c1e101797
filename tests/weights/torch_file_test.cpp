/// The readers of torch.save's two formats: tensors they must give, and files they must refuse.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "tests/support/places.h"
#include "tests/weights/torch_bytes.h"
#include "weights/file/tensor_file.h"
#include "weights/import/tensor_formats.h"

namespace hdecomp {
namespace {

using namespace file_testing;

const std::vector<float> six = {1, 2, 3, 4, 5, 6};

TorchEntry entry(const std::string& name, std::vector<int64_t> sizes, std::vector<int64_t> strides,
                 int64_t offset = 0) {
  return {name, std::move(sizes), std::move(strides), offset, "FloatStorage", "0", 6};
}

// Every test below runs on both formats: the file that holds `pickle` and one storage "0" of
// `bytes`.
class TorchFile : public ::testing::TestWithParam<bool> {
 protected:
  bool legacy() const { return GetParam(); }
  std::string path() const { return temporary_path(".pth"); }

  TensorFile read(const Bytes& pickle, const Bytes& bytes, int64_t count) const {
    if (legacy()) {
      write_bytes(path(), legacy_stream(pickle, {{"0", count, bytes}}));
    } else {
      write_torch_zip(path(), pickle, {{"0", bytes}});
    }
    return read_tensor_file(path());
  }
  TensorFile read(const std::vector<TorchEntry>& entries) const {
    return read(state_dict_pickle(entries, legacy()), elements(six), 6);
  }
  std::vector<float> values(const TorchEntry& one) const {
    const TensorFile file = read({one});
    const auto span = file.tensors.at(one.name).span();
    return {span.begin(), span.end()};
  }
  std::string refusal(const TorchEntry& one) const {
    return error_line([&] { read({one}); });
  }
};

INSTANTIATE_TEST_SUITE_P(Formats, TorchFile, ::testing::Values(false, true),
                         [](const auto& format) { return format.param ? "legacy" : "zip"; });

/// A negated view's storage has the numbers of the tensor that it shows.
TEST_P(TorchFile, RefusesNegatedViews) {
  TorchEntry view = entry("imag", {2}, {1});
  view.flag = "neg";
  expect_line(refusal(view), "tensor 'imag' is a view with the opposite sign");
  view.flag = "other";
  EXPECT_EQ(values(view), (std::vector<float>{1, 2}));
}

TEST_P(TorchFile, GivesShapesAndValues) {
  const TensorFile file = read({entry("conv.weight", {3, 2}, {2, 1}), entry("bias", {2}, {1}, 4)});
  ASSERT_EQ(file.tensors.size(), 2u);
  EXPECT_EQ(file.dialect, Dialect::torchvision);
  const Tensor& weight = file.tensors.at("conv.weight");
  EXPECT_EQ(weight.shape(), Shape({3, 2}));
  EXPECT_EQ(std::vector<float>(weight.span().begin(), weight.span().end()), six);
  EXPECT_EQ(file.tensors.at("bias").span()[1], 6);
}

TEST_P(TorchFile, GathersStridedTensors) {
  EXPECT_EQ(values(entry("t", {2, 3}, {1, 2})), (std::vector<float>{1, 3, 5, 2, 4, 6}));
  EXPECT_EQ(values(entry("column", {3}, {2}, 1)), (std::vector<float>{2, 4, 6}));
  EXPECT_EQ(values(entry("four", {1, 3, 1, 2}, {99, 1, 7, 3})),
            (std::vector<float>{1, 4, 2, 5, 3, 6}));
}

TEST_P(TorchFile, GivesTensorsOfRankZeroAndOfNoElements) {
  EXPECT_EQ(values(entry("scalar", {}, {}, 2)), (std::vector<float>{3}));
  EXPECT_EQ(read({entry("empty", {0, 3}, {3, 1})}).tensors.at("empty").shape(), Shape({0, 3}));
}

TEST_P(TorchFile, ConvertsOtherTypes) {
  const auto first_two = [&](const std::string& type, const Bytes& bytes) {
    TorchEntry one = {"x", {2}, {1}, 0, type, "0", 2};
    const TensorFile file = read(state_dict_pickle({one}, legacy()), bytes, 2);
    const auto span = file.tensors.at("x").span();
    return std::vector<float>(span.begin(), span.end());
  };
  const std::vector<float> wanted = {1.5f, -2.0f};
  EXPECT_EQ(first_two("DoubleStorage", elements<double>({1.5, -2})), wanted);
  EXPECT_EQ(first_two("HalfStorage", elements<uint16_t>({0x3e00, 0xc000})), wanted);
  EXPECT_EQ(first_two("BFloat16Storage", elements<uint16_t>({0x3fc0, 0xc000})), wanted);
  // The smallest and the largest half below one that is not normal.
  EXPECT_EQ(first_two("HalfStorage", elements<uint16_t>({0x0001, 0x83ff})),
            (std::vector<float>{0x1p-24f, -1023 * 0x1p-24f}));
}

TEST_P(TorchFile, LeavesIntegersOut) {
  PickleBytes pickle;
  pickle.raw("}(").string("w");
  add_tensor(pickle, entry("w", {6}, {1}), legacy());
  pickle.string("epoch").integer(3).raw("u");
  const TensorFile file = read(pickle.bytes(), elements(six), 6);
  EXPECT_EQ(file.tensors.size(), 1u);
  const TorchEntry count = {"n", {}, {}, 0, "LongStorage", "0", 1};
  expect_line(
      error_line([&] { read(state_dict_pickle({count}, legacy()), elements<int64_t>({1}), 1); }),
      "no float tensors");
}

TEST_P(TorchFile, FindsTheStateDictOfACheckpoint) {
  for (const char* key : {"state_dict", "model", "model_state_dict"}) {
    PickleBytes pickle;
    pickle.raw("}(").string("epoch").integer(3).string(key);
    add_state_dict(pickle, {entry("w", {6}, {1})}, legacy());
    const TensorFile file = read(pickle.raw("u").bytes(), elements(six), 6);
    EXPECT_EQ(file.tensors.count("w"), 1u) << key;
  }
}

TEST_P(TorchFile, ReadsParametersAndOldTensors) {
  PickleBytes pickle;
  pickle.raw("}(").string("new").global("torch._utils", "_rebuild_parameter").mark();
  add_tensor(pickle, entry("", {6}, {1}), legacy());
  pickle.boolean(true).ordered_dict().tuple().call();
  pickle.string("old").global("torch.nn.parameter", "Parameter");
  pickle.global("torch._utils", "_rebuild_tensor").mark();
  pickle.mark().string("storage").global("torch", "FloatStorage").string("0").string("cpu");
  pickle.integer(6).mark().string("view").integer(2).integer(4).tuple().tuple().raw("Q");
  pickle.integer(1).integers({2}).integers({1}).tuple().call();
  pickle.raw({0x85}).call().boolean(true).raw({0x85}).raw("b").raw("u");
  const TensorFile file = read(pickle.bytes(), elements(six), 6);
  EXPECT_EQ(file.tensors.at("new").span()[5], 6);
  EXPECT_EQ(file.tensors.at("old").span()[0], 4);  // element 1 of the view that begins at 2
}

TEST_P(TorchFile, RefusesTensorsThatLeaveTheirStorage) {
  const int64_t huge = int64_t{1} << 40;
  for (const TorchEntry& bad :
       {entry("w", {7}, {1}), entry("w", {6}, {1}, 1), entry("w", {2, 3}, {4, 1}),
        entry("w", {3}, {3}), entry("w", {huge, huge, huge}, {1, 1, 1}),
        entry("w", {huge, huge}, {huge, huge}), entry("w", {6}, {huge}), entry("w", {}, {}, 6),
        entry("w", {huge, huge, 0}, {0, 0, 0}), entry("w", {100, 100}, {0, 0})}) {
    expect_line(refusal(bad), "tensor 'w' does not fit its storage of 6 elements");
  }
}

TEST_P(TorchFile, RefusesWrongNumbersAndRanks) {
  for (const TorchEntry& bad :
       {entry("w", {-1}, {1}), entry("w", {6}, {-1}), entry("w", {6}, {1}, -1),
        entry("w", {INT64_MAX}, {1}), entry("w", {6}, {INT64_MIN}), entry("w", {6}, {1, 1})}) {
    expect_line(refusal(bad), "tensor 'w' has a wrong offset, size or stride");
  }
  expect_line(refusal(entry("w", {1, 1, 1, 1, 6}, {1, 1, 1, 1, 1})), "has 5 dimensions");
}

TEST_P(TorchFile, RefusesStoragesThatAreNotAllThere) {
  for (const int64_t claimed : {int64_t{7}, int64_t{1} << 38}) {
    TorchEntry one = entry("w", {6}, {1});
    one.storage_elements = claimed;
    const Bytes pickle = state_dict_pickle({one}, legacy());
    expect_line(error_line([&] { read(pickle, elements(six), claimed); }), "storage '0'");
  }
  TorchEntry negative = entry("w", {6}, {1});
  negative.storage_elements = -6;
  expect_line(refusal(negative), "not a tensor's storage");
  TorchEntry absent = entry("w", {6}, {1});
  absent.key = "1";
  EXPECT_NE(refusal(absent), "");
}

TEST_P(TorchFile, RefusesATensorThatComesTwice) {
  expect_line(error_line([&] {
                read({entry("w", {6}, {1}), entry("w", {6}, {1})});
              }),
              "tensor 'w' comes twice");
}

TEST_P(TorchFile, RefusesManyNamesForOneLargeStorage) {
  const int64_t count = int64_t{1} << 20;
  TorchEntry one = {"", {count}, {1}, 0, "FloatStorage", "0", count};
  std::vector<TorchEntry> entries;
  for (int i = 0; i < 60; ++i) {  // 240 MiB out of a file of 4
    one.name = joined("w", i);
    entries.push_back(one);
  }
  const Bytes pickle = state_dict_pickle(entries, legacy());
  expect_line(error_line([&] { read(pickle, Bytes(4 * static_cast<size_t>(count)), count); }),
              "far more than a file of this size holds");
}

TEST_P(TorchFile, RefusesWhatIsNoStateDict) {
  const auto line = [&](const Bytes& pickle) {
    return error_line([&] { read(pickle, elements(six), 6); });
  };
  PickleBytes tensor;
  add_tensor(tensor, entry("", {6}, {1}), legacy());
  expect_line(line(tensor.bytes()), "no dict of tensors");
  PickleBytes circle;
  circle.raw("]").put(0).get(0).raw("a");
  add_tensor(circle, entry("", {6}, {1}), legacy());
  expect_line(line(circle.raw("a").bytes()), "no dict of tensors");
  expect_line(line(PickleBytes().global("os", "system").string("x").raw({0x85}).call().bytes()),
              "asks for 'os.system'");
}

TEST_P(TorchFile, BearsCutsAndMutations) {
  read({entry("a", {3, 2}, {2, 1}), entry("b", {2}, {1})});
  const Bytes good = read_bytes(path());
  const auto read_again = [&](const Bytes& bytes) {
    write_bytes(path(), bytes);
    read_tensor_file(path());
  };
  expect_beginnings_refused(good, read_again);
  EXPECT_GT(try_mutations(good, 4000, read_again), 500);
}

// The zip archive's checksums stop most mutations above; here the pickle itself is what is damaged.
TEST_P(TorchFile, BearsMutatedPickles) {
  const Bytes good =
      state_dict_pickle({entry("a", {3, 2}, {2, 1}), entry("b", {2}, {1})}, legacy());
  const int refused =
      try_mutations(good, 3000, [&](const Bytes& pickle) { read(pickle, elements(six), 6); });
  EXPECT_GT(refused, 500);
}

TEST(TorchZip, RefusesArchivesThatAreNotWhole) {
  const std::string path = temporary_path(".pth");
  const Bytes pickle = state_dict_pickle({entry("w", {6}, {1})}, false);
  const auto line = [&](const ZipEntries& entries) {
    write_zip(path, entries);
    return error_line([&] { read_tensor_file(path); });
  };
  expect_line(line({{"net/version", {'3'}}}), "without data.pkl");
  expect_line(line({{"net/data.pkl", pickle}}), "no entry 'net/data/0'");
  expect_line(line({{"a/data.pkl", pickle}, {"b/data.pkl", pickle}}), "two entries data.pkl");
  expect_line(line({{"net/data.pkl", pickle}, {"net/byteorder", {'b', 'i', 'g'}}}), "big-endian");
}

TEST(TorchZip, ReadsCompressedEntriesButNoBombs) {
  const std::string path = temporary_path(".pth");
  const Bytes pickle = state_dict_pickle({entry("w", {6}, {1})}, false);
  write_zip(path, {{"net/data.pkl", pickle}, {"net/data/0", elements(six)}}, ZIP_CM_DEFLATE);
  EXPECT_EQ(read_tensor_file(path).tensors.at("w").span()[5], 6);
  write_zip(path, {{"net/data.pkl", pickle}, {"net/data/0", Bytes(8 << 20)}}, ZIP_CM_DEFLATE);
  expect_line(error_line([&] { read_tensor_file(path); }), "claims 8388608 bytes");
}

TEST(TorchLegacy, RefusesOtherVersionsAndByteOrders) {
  const std::string path = temporary_path(".pth");
  const Bytes pickle = state_dict_pickle({entry("w", {6}, {1})}, true);
  const std::vector<LegacyStorage> storages = {{"0", 6, elements(six)}};
  const auto line = [&](const Bytes& bytes) {
    write_bytes(path, bytes);
    return error_line([&] { read_tensor_file(path); });
  };
  expect_line(line(legacy_stream(pickle, storages, false)), "big-endian");
  expect_line(line(legacy_stream(pickle, storages, true, 1000)), "version 1001");
  expect_line(line(legacy_stream(pickle, {{"1", 6, elements(six)}})), "a storage of no tensor");
  expect_line(line(legacy_stream(pickle, {})), "storage '0' is missing");
  expect_line(line(legacy_stream(pickle, {storages[0], storages[0]})), "comes twice");
  expect_line(line(legacy_stream(pickle, {{"0", -6, elements(six)}})), "not all there");
}

TEST(TensorFile, NamesFilesThatCannotBeRead) {
  const auto line = [](const std::string& path) {
    return error_line([&] { read_tensor_file(path); });
  };
  const std::string path = temporary_path(".pth");
  std::filesystem::remove(path);
  EXPECT_EQ(line(path), path + ": cannot be read: No such file or directory");
  write_bytes(path, {});
  EXPECT_EQ(line(path), path + ": the file is empty");
  EXPECT_EQ(line("."), ".: is a directory; give a file");
  write_bytes(path, {'h', 'e', 'l', 'l', 'o'});
  expect_line(line(path), "give a PyTorch state dict (.pth, .pt), a .safetensors file, a Keras");
}

TEST(TensorFile, ReadsTheSharedVgg) {
  const char* folder = std::getenv("HDECOMP_SHARED");
  const std::string path = joined(folder != nullptr ? folder : source_folder() + "/../shared",
                                  "/models/vgg16_bn-caltech101-slim.pth");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
  const TensorFile file = read_tensor_file(path);
  EXPECT_EQ(file.tensors.size(), 84u);
  EXPECT_EQ(file.tensors.at("features.0.weight").shape(), Shape({16, 3, 3, 3}));
  EXPECT_EQ(file.tensors.at("features.0.weight").span()[0], -0x1.dc729c0000000p-6f);
  EXPECT_EQ(file.tensors.at("features.0.weight").span().back(), 0x1.32d6a80000000p-3f);
  EXPECT_EQ(file.tensors.at("features.41.running_var").shape(), Shape({128}));
  EXPECT_EQ(file.tensors.at("features.41.running_var").span()[0], 0x1.fbd94c0000000p+6f);
  EXPECT_EQ(file.tensors.at("features.41.running_var").span().back(), 0x1.e17b5c0000000p+5f);
  EXPECT_EQ(file.tensors.at("classifier.6.weight").shape(), Shape({100, 512}));
  EXPECT_EQ(file.tensors.at("classifier.6.weight").span()[0], -0x1.1278760000000p-11f);
  EXPECT_EQ(file.tensors.at("classifier.6.weight").span().back(), 0x1.f195f40000000p-6f);
}

}  // namespace
}  // namespace hdecomp
