/// Checkpoints: which dict of tensors is taken, and the harmless objects beside it.
#include <gtest/gtest.h>

#include "tests/weights/torch_bytes.h"
#include "weights/file/tensor_file.h"
#include "weights/import/tensor_formats.h"

namespace hdecomp {
namespace {

using namespace file_testing;

const std::vector<float> six_numbers = {1, 2, 3, 4, 5, 6};

TorchEntry entry(const std::string& name) { return {name, {6}, {1}, 0, "FloatStorage", "0", 6}; }

/// `count` tensors, NAME0, NAME1, ...
std::vector<TorchEntry> several(const std::string& name, int count) {
  std::vector<TorchEntry> entries;
  for (int i = 0; i < count; ++i) entries.push_back(entry(joined(name, i)));
  return entries;
}

TensorFile read(const Bytes& pickle, const std::string& key = "") {
  const std::string path = temporary_path(".pth");
  write_torch_zip(path, pickle, {{"0", elements(six_numbers)}});
  return read_tensor_file(path, key);
}

std::string refusal(const Bytes& pickle, const std::string& key = "") {
  return error_line([&] { read(pickle, key); });
}

/// {key: {key0: tensor, key1: tensor, ...}, ..., "epoch": 3}
Bytes checkpoint(const std::vector<std::pair<std::string, int>>& dicts) {
  PickleBytes pickle;
  pickle.raw("}(");
  for (const auto& [key, count] : dicts) {
    pickle.string(key);
    add_state_dict(pickle, several(key, count), false);
  }
  return pickle.string("epoch").integer(3).raw("u").bytes();
}

TEST(Checkpoint, TakesTheOneDictUnderAnyKey) {
  for (const char* key : {"net", "weights", "model_state", "params", "G"}) {
    const TensorFile file = read(checkpoint({{key, 3}}));
    EXPECT_EQ(file.tensors.size(), 3u);
    EXPECT_TRUE(file.tensors.contains(joined(key, 0)));
    EXPECT_TRUE(file.remarks.empty());
  }
  PickleBytes deep;
  deep.raw("}").string("a").raw("}").string("b");
  add_state_dict(deep, several("w", 2), false);
  EXPECT_EQ(read(deep.raw("ss").bytes()).tensors.size(), 2u);
}

TEST(Checkpoint, TellsOfOthersBesideTheUsualOne) {
  const Bytes pickle = checkpoint({{"state_dict_ema", 3}, {"state_dict", 3}, {"optimizer", 9}});
  const TensorFile file = read(pickle);
  EXPECT_TRUE(file.tensors.contains("state_dict0"));
  ASSERT_EQ(file.remarks.size(), 1u);
  expect_line(file.remarks[0],
              "the weights are those of 'state_dict'; --key takes "
              "'state_dict_ema' (3 tensors)");
  EXPECT_TRUE(read(pickle, "state_dict_ema").tensors.contains("state_dict_ema0"));
}

TEST(Checkpoint, AsksWhichOneIsMeant) {
  const Bytes pickle = checkpoint({{"student", 3}, {"teacher", 3}, {"scale", 1}});
  expect_line(refusal(pickle), "say which one with --key: 'student' (3 tensors), 'teacher' (3");
  EXPECT_TRUE(read(pickle, "teacher").tensors.contains("teacher1"));
  expect_line(refusal(pickle, "pupil"), "--key 'pupil' is no dict of tensors there, and no tensor");
  EXPECT_EQ(read(checkpoint({{"big", 5}, {"small", 2}})).tensors.size(), 5u);
  expect_line(refusal(checkpoint({})), "no float tensors");
}

TEST(Checkpoint, BearsDictsInsideThemselves) {
  PickleBytes pickle;
  pickle.raw("}").put(0).string("self").get(0).raw("s").string("net");
  add_state_dict(pickle, several("w", 2), false);
  EXPECT_EQ(read(pickle.raw("s").bytes()).tensors.size(), 2u);
}

/// A state dict beside what `add` puts under "args".
TensorFile beside(const std::function<void(PickleBytes&)>& add) {
  PickleBytes pickle;
  pickle.raw("}(").string("args");
  add(pickle);
  pickle.string("state_dict");
  add_state_dict(pickle, several("w", 2), false);
  return read(pickle.raw("u").bytes());
}

TEST(Checkpoint, LeavesHarmlessObjectsAlone) {
  const std::vector<std::function<void(PickleBytes&)>> objects = {
      [](PickleBytes& p) {  // argparse.Namespace(lr=1)
        p.global("argparse", "Namespace").raw(")").raw({0x81}).raw("}").string("lr").integer(1);
        p.raw("sb");
      },
      [](PickleBytes& p) {  // numpy.float64(...)
        p.global("numpy.core.multiarray", "scalar").global("numpy", "dtype").mark();
        p.string("f8").boolean(false).boolean(true).tuple().call().raw("(").integer(3).raw("tb");
        p.global("_codecs", "encode").string("01234567").string("latin1").raw({0x86}).call();
        p.raw({0x86}).call();
      },
      [](PickleBytes& p) {  // collections.deque([1], 5)
        p.global("collections", "deque").raw(")").integer(5).raw({0x86}).call().integer(1).raw("a");
      },
      [](PickleBytes& p) {  // collections.Counter({("a", 1): 2})
        p.global("collections", "Counter").raw("}").string("a").integer(1).raw({0x86}).integer(2);
        p.raw("s").raw({0x85}).call();
      },
      [](PickleBytes& p) {  // defaultdict(list, {"a": 1})
        p.global("collections", "defaultdict").global("__builtin__", "list").raw({0x85}).call();
        p.string("a").integer(1).raw("s");
      },
      [](PickleBytes& p) { p.global("torch", "float32"); },
      [](PickleBytes& p) { p.global("torch", "device").string("cuda").raw({0x85}).call(); },
      [](PickleBytes& p) { p.global("pathlib", "PosixPath").string("/a").raw({0x85}).call(); },
      [](PickleBytes& p) {
        p.raw({0x8a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1});
      },  // 2**64
  };
  for (const auto& object : objects) EXPECT_EQ(beside(object).tensors.size(), 2u);
}

TEST(Checkpoint, TheListOfObjectsIsClosed) {
  for (const auto& [module, name] : {std::pair{"argparse", "ArgumentParser"},
                                     {"__builtin__", "eval"},
                                     {"builtins", "getattr"},
                                     {"builtins", ""},
                                     {"builtins", "bool bytearray"},
                                     {"numpy", "load"},
                                     {"torch", "load"},
                                     {"_codecs", "decode"},
                                     {"os", "system"},
                                     {"argparse", " Namespace"}}) {
    PickleBytes pickle;
    pickle.raw("}").string("a").global(module, name).raw("s");
    expect_line(refusal(pickle.bytes()), joined("the pickle asks for '", module, ".", name, "'"));
  }
}

TEST(Checkpoint, SaysWhatToSaveInPlaceOfOthers) {
  for (const auto& [module, name, advice] :
       {std::tuple{"torch", "qint8", "quantized weights are not read"},
        {"torch", "quint8", "quantized weights are not read"},
        {"torch._utils", "_rebuild_qtensor", "quantized weights are not read"},
        {"torch._utils", "_rebuild_sparse_tensor", "save to_dense()"},
        {"__torch__.net", "Net", "save torch.jit.load(FILE).state_dict()"},
        {"net", "Net", "only state dicts of tensors are read (save model.state_dict())"}}) {
    PickleBytes pickle;
    pickle.raw("}").string("a").global(module, name).raw("s");
    expect_line(refusal(pickle.bytes()), joined("asks for '", module, ".", name, "'; "));
    expect_line(refusal(pickle.bytes()), advice);
  }
  PickleBytes arrays;  // {"w": numpy's array}
  arrays.raw("}").string("w").global("numpy.core.multiarray", "_reconstruct").raw(")Rs");
  expect_line(refusal(arrays.bytes()), "holds objects, as 'w', but no tensors (NumPy's arrays");
}

TEST(Checkpoint, NamesObjectsThatStandForTensors) {
  PickleBytes pickle;
  pickle.ordered_dict().mark().string("w");
  add_tensor(pickle, entry("w"), false);
  pickle.string("b").global("numpy.core.multiarray", "_reconstruct").raw(")R").raw("u");
  EXPECT_EQ(read(pickle.bytes()).objects, (std::set<std::string>{"b"}));
}

TEST(Checkpoint, BearsMutations) {
  PickleBytes pickle;
  pickle.raw("}(").string("args").global("argparse", "Namespace").raw(")").raw({0x81});
  pickle.raw("}").string("lr").integer(1).raw("sb").string("ema");
  add_state_dict(pickle, several("w", 2), false);
  pickle.string("net");
  add_state_dict(pickle, several("v", 5), false);
  const Bytes good = pickle.raw("u").bytes();
  EXPECT_GT(try_mutations(good, 3000, [](const Bytes& bytes) { read(bytes); }), 500);
}

}  // namespace
}  // namespace hdecomp
