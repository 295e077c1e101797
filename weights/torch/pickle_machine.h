/// The machine that runs a pickle: a stack, its marks and a memo, driven by a closed list of
/// opcodes.
#pragma once

#include <cstring>
#include <string>
#include <unordered_map>

#include "hdecomp/error.h"
#include "weights/torch/pickle.h"

namespace hdecomp {

class PickleMachine {
 public:
  PickleMachine(std::span<const uint8_t> bytes, const std::string& name,
                std::deque<PickleNode>& nodes)
      : bytes_(bytes), name_(name), nodes_(nodes) {}

  PickleValue run();
  size_t position() const { return position_; }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw UserError(joined(name_, ": ", why));
  }
  [[noreturn]] void damaged(const char* why) const {
    refuse(joined("the pickle is damaged: ", why, " at byte ", position_));
  }

  const uint8_t* take(size_t count);
  std::string_view string(size_t length);
  std::string_view line();
  PickleValue long_integer();
  PickleGlobal global();

  /// An integer or a real, little-endian.
  template <class T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof value), sizeof value);
    return value;
  }

  void push(PickleValue value) { stack_.push_back(value); }
  PickleValue pop();
  PickleValue& top();
  PickleNode* top_node(PickleKind kind, const char* why);
  /// The same, or an inert call: a deque is filled as a list is, a defaultdict as a dict.
  PickleNode* top_container(PickleKind kind, const char* why);
  std::vector<PickleValue> pop_to_mark();
  /// Counts items that a call copies: without a bound, few opcodes could copy a long list many
  /// times.
  void count_copies(size_t items);
  PickleNode* make(PickleKind kind, std::vector<PickleValue> items);
  void push_tuple(size_t count);

  bool constant(uint8_t opcode);
  bool container(uint8_t opcode);
  bool filling(uint8_t opcode);
  bool memo(uint8_t opcode);
  bool object(uint8_t opcode);
  void fetch(uint32_t index);
  void set_items(PickleNode& dict, const std::vector<PickleValue>& pairs);
  void call();
  void call_ordered_dict(const PickleNode& arguments);
  void build();

  std::span<const uint8_t> bytes_;
  const std::string& name_;
  std::deque<PickleNode>& nodes_;
  size_t position_ = 0;
  std::vector<PickleValue> stack_;
  std::vector<size_t> marks_;  // heights of the stack; nothing below the last one may be popped
  size_t copied_items_ = 0;
  std::unordered_map<uint32_t, PickleValue> memo_;
};

}  // namespace hdecomp
