/// The pickle machine's parts: reading the stream, the stack, the loop over opcodes.
#include "weights/torch/pickle_machine.h"

#include <algorithm>
#include <cstring>

#include "hdecomp/error.h"
#include "weights/file/in_quotes.h"
#include "weights/torch/pickle_globals.h"
#include "weights/torch/pickle_inert.h"

namespace hdecomp {
namespace {

// Bounds the memory to some hundred megabytes; a large training checkpoint has a hundred thousand.
constexpr int64_t max_opcodes = int64_t{1} << 22;
constexpr size_t max_copied_items = size_t{1} << 22;
constexpr size_t max_global_length = 256;

/// What to save in place of what asks for this global.
std::string instead_of(std::string_view module, std::string_view name) {
  if (name == "_rebuild_qtensor" ||
      (module == "torch" && (name.starts_with("qint") || name.starts_with("quint")))) {
    return "quantized weights are not read; save the state dict of before, or dequantize()d "
           "tensors";
  }
  if (name.starts_with("_rebuild_sparse")) return "sparse tensors are not read; save to_dense()";
  if (module.starts_with("__torch__")) {
    return "TorchScript is not read; save torch.jit.load(FILE).state_dict()";
  }
  return "only state dicts of tensors are read (save model.state_dict())";
}

}  // namespace

const uint8_t* PickleMachine::take(size_t count) {
  if (count > bytes_.size() - position_) damaged("it ends too soon");
  const uint8_t* result = bytes_.data() + position_;
  position_ += count;
  return result;
}

std::string_view PickleMachine::string(size_t length) {
  return {reinterpret_cast<const char*>(take(length)), length};
}

std::string_view PickleMachine::line() {
  const auto rest = bytes_.subspan(position_);
  const size_t window = std::min(rest.size(), max_global_length);
  const void* end = window > 0 ? std::memchr(rest.data(), '\n', window) : nullptr;
  if (end == nullptr) damaged("a global's name without an end");
  const std::string_view result =
      string(static_cast<size_t>(static_cast<const uint8_t*>(end) - rest.data()));
  take(1);
  return result;
}

PickleValue PickleMachine::long_integer() {
  const size_t length = number<uint8_t>();
  const uint8_t* from = take(length);
  if (length > sizeof(int64_t)) {  // a random generator's state; no size or offset is that large
    PickleNode* node = make(PickleKind::call, {});
    node->function = PickleGlobal::inert;
    return node;
  }
  uint64_t bits = length > 0 && (from[length - 1] & 0x80) != 0 ? ~uint64_t{0} : 0;
  std::memcpy(&bits, from, length);
  return static_cast<int64_t>(bits);
}

PickleGlobal PickleMachine::global() {
  const std::string_view module = line();
  const std::string_view name = line();
  for (const PickleGlobalName& known : pickle_global_names) {
    if (known.module == module && known.name == name) return known.global;
  }
  if (is_inert_global(module, name)) return PickleGlobal::inert;
  refuse(joined("the pickle asks for ", in_quotes(joined(module, ".", name)), "; ",
                instead_of(module, name)));
}

PickleValue& PickleMachine::top() {
  if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) damaged("a value is missing");
  return stack_.back();
}

PickleValue PickleMachine::pop() {
  const PickleValue value = top();
  stack_.pop_back();
  return value;
}

PickleNode* PickleMachine::top_node(PickleKind kind, const char* why) {
  PickleNode* const* node = std::get_if<PickleNode*>(&top());
  if (node == nullptr || (*node)->kind != kind) damaged(why);
  return *node;
}

PickleNode* PickleMachine::top_container(PickleKind kind, const char* why) {
  const PickleNode* call = as_node(top(), PickleKind::call);
  const bool inert = call != nullptr && call->function == PickleGlobal::inert;
  return top_node(inert ? PickleKind::call : kind, why);
}

std::vector<PickleValue> PickleMachine::pop_to_mark() {
  if (marks_.empty()) damaged("a mark is missing");
  const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  std::vector<PickleValue> items(first, stack_.end());
  stack_.erase(first, stack_.end());
  marks_.pop_back();
  return items;
}

PickleNode* PickleMachine::make(PickleKind kind, std::vector<PickleValue> items) {
  return &nodes_.emplace_back(PickleNode{kind, PickleGlobal::ordered_dict, std::move(items)});
}

void PickleMachine::count_copies(size_t items) {
  copied_items_ += items;
  if (copied_items_ > max_copied_items) damaged("too many arguments");
}

void PickleMachine::push_tuple(size_t count) {
  std::vector<PickleValue> items(count);
  while (count > 0) items[--count] = pop();
  push(make(PickleKind::tuple, std::move(items)));
}

PickleValue PickleMachine::run() {
  if (number<uint8_t>() != 0x80) damaged("no protocol");
  if (const int protocol = number<uint8_t>(); protocol != 2) {
    refuse(
        joined("pickle protocol ", protocol, "; only protocol 2, torch.save's usual one, is read"));
  }
  for (int64_t count = 0; count < max_opcodes; ++count) {
    const auto opcode = number<uint8_t>();
    if (opcode == '.') return pop();  // STOP
    if (!constant(opcode) && !container(opcode) && !filling(opcode) && !memo(opcode) &&
        !object(opcode)) {
      refuse(joined("the pickle has opcode ", int{opcode}, " at byte ", position_ - 1,
                    ", which state dicts of tensors do without (save model.state_dict())"));
    }
  }
  refuse(
      joined("the pickle has more than ", max_opcodes, " opcodes; save model.state_dict() alone"));
}

}  // namespace hdecomp
