/// The pickle reader: values it must read, and pickles it must refuse.
#include "weights/torch/pickle.h"

#include <gtest/gtest.h>

#include "tests/support/hostile_files.h"
#include "tests/weights/pickle_bytes.h"
#include "tests/weights/torch_bytes.h"

namespace hdecomp {
namespace {

using namespace file_testing;

std::string pickle_refusal(const Bytes& bytes) {
  return error_line([&] { Pickle(bytes, "x.pth"); });
}

void read_pickle(const Bytes& bytes) {
  const Pickle pickle(bytes, "x.pth");
  ASSERT_LE(pickle.size(), bytes.size());
}

// The items of the list that `opcodes` put between a mark and APPENDS.
std::vector<PickleValue> items_of(const Pickle& pickle) {
  const PickleNode* list = as_node(pickle.root(), PickleKind::list);
  return list != nullptr ? list->items : std::vector<PickleValue>();
}

TEST(Pickle, ReadsEveryConstant) {
  const Bytes bytes = PickleBytes()
                          .raw("](")
                          .raw({'K', 200})
                          .raw({'M', 0x39, 0x30})
                          .integer(-7)
                          .integer(int64_t{-5} << 40)
                          .raw({0x8a, 0})
                          .raw({0x8a, 1, 0xff})
                          .raw({'G', 0x3f, 0xf8, 0, 0, 0, 0, 0, 0})
                          .none()
                          .boolean(true)
                          .boolean(false)
                          .string("name")
                          .raw({'U', 2, 'h', 'i'})
                          .raw({'T', 3, 0, 0, 0, 'o', 'l', 'd'})
                          .raw("e")
                          .bytes();
  const Pickle pickle(bytes, "x.pth");
  const std::vector<PickleValue> wanted = {int64_t{200},
                                           int64_t{12345},
                                           int64_t{-7},
                                           int64_t{-5} * (int64_t{1} << 40),
                                           int64_t{0},
                                           int64_t{-1},
                                           1.5,
                                           std::monostate(),
                                           true,
                                           false,
                                           std::string_view("name"),
                                           std::string_view("hi"),
                                           std::string_view("old")};
  EXPECT_EQ(items_of(pickle), wanted);
  EXPECT_EQ(pickle.size(), bytes.size());
}

TEST(Pickle, ReadsTuplesListsAndDicts) {
  const Bytes bytes = PickleBytes()
                          .raw("}(")
                          .string("tuple")
                          .raw({'K', 1, 'K', 2, 'K', 3, 0x87})
                          .string("list")
                          .raw({']', 'K', 4, 'a'})
                          .raw("u")
                          .string("pair")
                          .raw({'K', 5, 'K', 6, 0x86, 's'})
                          .bytes();
  const Pickle pickle(bytes, "x.pth");
  const PickleNode* dict = as_node(pickle.root(), PickleKind::dict);
  ASSERT_NE(dict, nullptr);
  ASSERT_NE(find_key(*dict, "tuple"), nullptr);
  const PickleNode* tuple = as_node(*find_key(*dict, "tuple"), PickleKind::tuple);
  const PickleNode* list = as_node(*find_key(*dict, "list"), PickleKind::list);
  const PickleNode* pair = as_node(*find_key(*dict, "pair"), PickleKind::tuple);
  ASSERT_TRUE(tuple && list && pair);
  EXPECT_EQ(tuple->items, (std::vector<PickleValue>{int64_t{1}, int64_t{2}, int64_t{3}}));
  EXPECT_EQ(list->items, (std::vector<PickleValue>{int64_t{4}}));
  EXPECT_EQ(pair->items, (std::vector<PickleValue>{int64_t{5}, int64_t{6}}));
  EXPECT_EQ(find_key(*dict, "absent"), nullptr);
}

TEST(Pickle, ReadsOrderedDictsOfPython2And3) {
  const auto check = [](const Bytes& bytes) {
    const Pickle pickle(bytes, "x.pth");
    const PickleNode* dict = as_node(pickle.root(), PickleKind::dict);
    ASSERT_NE(dict, nullptr);
    const PickleValue* value = find_key(*dict, "a");
    ASSERT_NE(value, nullptr);
    EXPECT_EQ(*value, PickleValue(int64_t{1}));
  };
  check(PickleBytes().ordered_dict().string("a").integer(1).raw("s").raw("}b").bytes());
  check(PickleBytes()
            .global("collections", "OrderedDict")
            .raw("](](")
            .string("a")
            .integer(1)
            .raw("ee")
            .raw({0x85})
            .call()
            .bytes());
}

TEST(Pickle, StopsAtItsEnd) {
  Bytes bytes = PickleBytes().integer(1).bytes();
  const size_t size = bytes.size();
  append(bytes, PickleBytes().integer(2).bytes());
  EXPECT_EQ(Pickle(bytes, "x.pth").size(), size);
}

TEST(Pickle, NamesTheGlobalItRefuses) {
  const Bytes bytes =
      PickleBytes().global("os", "system").string("true").raw({0x85}).call().bytes();
  EXPECT_EQ(pickle_refusal(bytes),
            "x.pth: the pickle asks for 'os.system'; only state dicts of tensors are read (save "
            "model.state_dict())");
  expect_line(pickle_refusal(PickleBytes().global("a\x1b[2J", std::string(200, 'b')).bytes()),
              "a\\x1b[2J.bb");
}

TEST(Pickle, RefusesToCallAStorage) {
  const Bytes bytes = PickleBytes().global("torch", "FloatStorage").raw(")R").bytes();
  expect_line(pickle_refusal(bytes), "calls 'torch.FloatStorage'");
}

TEST(Pickle, RefusesUnknownOpcodesAndProtocols) {
  expect_line(pickle_refusal(PickleBytes().raw("i").bytes()), "opcode 105 at byte 2");
  expect_line(pickle_refusal({0x80, 4, '.'}), "protocol 4");
  expect_line(pickle_refusal({'N', '.'}), "no protocol");
  expect_line(pickle_refusal({}), "too soon");
}

TEST(Pickle, RefusesBrokenStacks) {
  expect_line(pickle_refusal(PickleBytes().bytes()), "a value is missing");
  expect_line(pickle_refusal(PickleBytes().raw("t").bytes()), "a mark is missing");
  expect_line(pickle_refusal(PickleBytes().raw("N(a").bytes()), "a value is missing");
  expect_line(pickle_refusal(PickleBytes().raw("NNa").bytes()), "not a list");
  expect_line(pickle_refusal(PickleBytes().raw("NNNs").bytes()), "not a dict");
  expect_line(pickle_refusal(PickleBytes().raw("}(Nu").bytes()), "a key without a value");
  expect_line(pickle_refusal(PickleBytes().raw("}]Ns").bytes()), "neither a string nor a number");
  expect_line(pickle_refusal(PickleBytes().raw("NNR").bytes()), "without arguments");
  expect_line(pickle_refusal(PickleBytes().raw("N)R").bytes()), "no function");
  expect_line(pickle_refusal(PickleBytes().raw("NNb").bytes()), "a state for what has none");
  expect_line(pickle_refusal(PickleBytes().get(3).bytes()), "memo entry");
}

TEST(Pickle, RefusesLengthsBeyondTheEnd) {
  expect_line(pickle_refusal(PickleBytes().raw({'X', 0xff, 0xff, 0xff, 0xff, 'a'}).bytes()),
              "too soon");
  expect_line(pickle_refusal(PickleBytes().raw("c").raw(std::string(1000, 'a')).bytes()),
              "without an end");
}

TEST(Pickle, BearsAListInsideItself) {
  const Bytes bytes = PickleBytes().raw("]").put(0).get(0).raw("a").bytes();
  const Pickle pickle(bytes, "x.pth");
  const std::vector<PickleValue> items = items_of(pickle);
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0], pickle.root());
}

TEST(Pickle, BearsDeepNesting) {
  constexpr int depth = 200000;
  PickleBytes pickle;
  pickle.raw(std::string(depth, ']')).raw(std::string(depth - 1, 'a'));
  EXPECT_EQ(items_of(Pickle(pickle.bytes(), "x.pth")).size(), 1u);
}

TEST(Pickle, RefusesTooManyOpcodes) {
  Bytes bytes = PickleBytes().raw(std::string((1 << 22) + 1, 'N')).bytes();
  expect_line(pickle_refusal(bytes), "opcodes");
}

TEST(Pickle, RefusesToCopyALongListAgainAndAgain) {
  PickleBytes pickle;
  pickle.raw("]").put(0).raw("(");
  for (int i = 0; i < 10000; ++i) pickle.raw("NN").raw({0x86});
  pickle.raw("e");
  for (int i = 0; i < 1000; ++i) {
    pickle.global("collections", "OrderedDict").get(0).raw({0x85}).call();
  }
  expect_line(pickle_refusal(pickle.bytes()), "too many arguments");
}

TEST(Pickle, BearsCutsAndMutations) {
  const Bytes good = state_dict_pickle({{"a.weight", {2, 3}, {3, 1}, 0, "FloatStorage", "0", 6},
                                        {"a.bias", {2}, {1}, 0, "LongStorage", "1", 2}},
                                       true);
  expect_beginnings_refused(good, read_pickle);
  EXPECT_GT(try_mutations(good, 5000, read_pickle), 1000);
}

}  // namespace
}  // namespace hdecomp
