/// A small reader of Python pickles: what torch.save writes for a state dict, and nothing else.
/// Nothing is ever run: a call in the pickle becomes a node that says which known function was
/// asked for.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hdecomp {

/// The closed list of the globals a pickle may name.
enum class PickleGlobal {
  inert,  // stands for whatever harmless thing lies beside the tensors: see pickle_inert.h
  ordered_dict,
  default_dict,
  size,
  rebuild_tensor,
  rebuild_tensor_v2,
  rebuild_parameter,
  parameter,
  float_storage,
  double_storage,
  half_storage,
  bfloat16_storage,
  long_storage,
  int_storage,
  short_storage,
  char_storage,
  byte_storage,
  bool_storage,
};

/// "torch._utils._rebuild_tensor_v2"
std::string to_string(PickleGlobal global);

struct PickleNode;

/// None, a bool, an integer, a real, a string (it points into the pickle's bytes), a global, or a
/// node (owned by the Pickle). Plain data: values that hold each other in a circle do no harm.
using PickleValue = std::variant<std::monostate, bool, int64_t, double, std::string_view,
                                 PickleGlobal, PickleNode*>;

enum class PickleKind { tuple, list, dict, call, persistent };

/// A tuple or list: its items. A dict: key, value, key, value ... in the order of their setting;
/// keys are strings, numbers or None, and one may come twice (the later holds); an inert dict's may
/// be any value that Python can hash. A call: of `function`, with the arguments as items; what is
/// put into an inert one later comes after them. A persistent id: its one item.
struct PickleNode {
  PickleKind kind = PickleKind::tuple;
  PickleGlobal function = PickleGlobal::ordered_dict;
  std::vector<PickleValue> items;
};

class Pickle {
 public:
  /// Reads one pickle from the beginning of `bytes`, which must outlive the result. Throws
  /// UserError that begins with `name` if the pickle is cut short, uses an opcode or global outside
  /// the closed lists, or has more than four million opcodes.
  Pickle(std::span<const uint8_t> bytes, const std::string& name);
  Pickle(Pickle&&) = default;
  Pickle& operator=(Pickle&&) = default;

  const PickleValue& root() const { return root_; }
  /// Every tuple, list, dict, call and persistent id, in the order of their making.
  const std::deque<PickleNode>& nodes() const { return nodes_; }
  /// How many of the bytes the pickle takes.
  size_t size() const { return size_; }

 private:
  std::deque<PickleNode> nodes_;
  PickleValue root_;
  size_t size_ = 0;
};

/// The node if the value is one of this kind, else nullptr.
const PickleNode* as_node(const PickleValue& value, PickleKind kind);

/// The value of the last `key` in a dict node, or nullptr.
const PickleValue* find_key(const PickleNode& dict, std::string_view key);

}  // namespace hdecomp
