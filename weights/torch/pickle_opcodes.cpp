/// What each opcode of the pickle machine does.
#include <bit>

#include "hdecomp/error.h"
#include "weights/file/in_quotes.h"
#include "weights/torch/pickle_machine.h"

namespace hdecomp {

bool PickleMachine::constant(uint8_t opcode) {
  switch (opcode) {
    case 'N':  // NONE
      push(std::monostate());
      return true;
    case 0x88:  // NEWTRUE
      push(true);
      return true;
    case 0x89:  // NEWFALSE
      push(false);
      return true;
    case 'J':  // BININT
      push(int64_t{number<int32_t>()});
      return true;
    case 'K':  // BININT1
      push(int64_t{number<uint8_t>()});
      return true;
    case 'M':  // BININT2
      push(int64_t{number<uint16_t>()});
      return true;
    case 0x8a:  // LONG1
      push(long_integer());
      return true;
    case 'G':  // BINFLOAT, the only big-endian field
      push(std::bit_cast<double>(__builtin_bswap64(number<uint64_t>())));
      return true;
    case 'X':  // BINUNICODE
    case 'T':  // BINSTRING
      push(string(number<uint32_t>()));
      return true;
    case 'U':  // SHORT_BINSTRING
      push(string(number<uint8_t>()));
      return true;
    case 'c':  // GLOBAL
      push(global());
      return true;
    default:
      return false;
  }
}

bool PickleMachine::container(uint8_t opcode) {
  switch (opcode) {
    case '(':  // MARK
      marks_.push_back(stack_.size());
      return true;
    case ')':  // EMPTY_TUPLE
      push_tuple(0);
      return true;
    case 0x85:  // TUPLE1
    case 0x86:  // TUPLE2
    case 0x87:  // TUPLE3
      push_tuple(static_cast<size_t>(opcode - 0x84));
      return true;
    case 't':  // TUPLE
      push(make(PickleKind::tuple, pop_to_mark()));
      return true;
    case ']':  // EMPTY_LIST
      push(make(PickleKind::list, {}));
      return true;
    case '}':  // EMPTY_DICT
      push(make(PickleKind::dict, {}));
      return true;
    default:
      return false;
  }
}

bool PickleMachine::filling(uint8_t opcode) {
  switch (opcode) {
    case 'a': {  // APPEND
      const PickleValue item = pop();
      top_container(PickleKind::list, "an append to what is not a list")->items.push_back(item);
      return true;
    }
    case 'e': {  // APPENDS
      const std::vector<PickleValue> items = pop_to_mark();
      PickleNode* list = top_container(PickleKind::list, "an append to what is not a list");
      list->items.insert(list->items.end(), items.begin(), items.end());
      return true;
    }
    case 's': {  // SETITEM
      const PickleValue value = pop();
      const PickleValue key = pop();
      set_items(*top_container(PickleKind::dict, "an item set in what is not a dict"),
                {key, value});
      return true;
    }
    case 'u': {  // SETITEMS
      const std::vector<PickleValue> pairs = pop_to_mark();
      set_items(*top_container(PickleKind::dict, "an item set in what is not a dict"), pairs);
      return true;
    }
    default:
      return false;
  }
}

bool PickleMachine::memo(uint8_t opcode) {
  switch (opcode) {
    case 'q':  // BINPUT
      memo_[number<uint8_t>()] = top();
      return true;
    case 'r':  // LONG_BINPUT
      memo_[number<uint32_t>()] = top();
      return true;
    case 'h':  // BINGET
      fetch(number<uint8_t>());
      return true;
    case 'j':  // LONG_BINGET
      fetch(number<uint32_t>());
      return true;
    default:
      return false;
  }
}

bool PickleMachine::object(uint8_t opcode) {
  switch (opcode) {
    case 'R':   // REDUCE
    case 0x81:  // NEWOBJ: old Parameters
      call();
      return true;
    case 'b':  // BUILD
      build();
      return true;
    case 'Q': {  // BINPERSID
      const PickleValue id = pop();
      push(make(PickleKind::persistent, {id}));
      return true;
    }
    default:
      return false;
  }
}

void PickleMachine::fetch(uint32_t index) {
  const auto found = memo_.find(index);
  if (found == memo_.end()) damaged("a memo entry that was never made");
  push(found->second);
}

void PickleMachine::set_items(PickleNode& dict, const std::vector<PickleValue>& pairs) {
  if (pairs.size() % 2 != 0) damaged("a key without a value");
  for (size_t i = 0; i < pairs.size(); i += 2) {
    // Python hashes tuples and objects too; they are no tensors' names.
    if (as_node(pairs[i], PickleKind::list) || as_node(pairs[i], PickleKind::dict)) {
      damaged("a key that is neither a string nor a number");
    }
  }
  dict.items.insert(dict.items.end(), pairs.begin(), pairs.end());
}

void PickleMachine::call() {
  PickleNode* arguments = top_node(PickleKind::tuple, "a call without arguments");
  pop();
  const PickleValue callee = pop();
  const PickleGlobal* function = std::get_if<PickleGlobal>(&callee);
  if (function == nullptr) damaged("a call of what is no function");
  switch (*function) {
    case PickleGlobal::ordered_dict:
      return call_ordered_dict(*arguments);
    case PickleGlobal::default_dict:  // of a factory that is never asked
      return push(make(PickleKind::dict, {}));
    case PickleGlobal::size:
      if (arguments->items.size() != 1 || !as_node(arguments->items[0], PickleKind::tuple)) {
        damaged("a torch.Size that is not made of a tuple");
      }
      return push(arguments->items[0]);
    case PickleGlobal::rebuild_tensor:
    case PickleGlobal::rebuild_tensor_v2:
    case PickleGlobal::rebuild_parameter:
    case PickleGlobal::parameter:
    case PickleGlobal::inert: {
      count_copies(arguments->items.size());
      PickleNode* node = make(PickleKind::call, arguments->items);
      node->function = *function;
      return push(node);
    }
    default:
      refuse(joined("the pickle calls ", in_quotes(to_string(*function)),
                    "; only state dicts of tensors are read (save model.state_dict())"));
  }
}

// Python 3 writes OrderedDict() and sets the items later; Python 2, OrderedDict([[key, value],
// ...]).
void PickleMachine::call_ordered_dict(const PickleNode& arguments) {
  PickleNode* dict = make(PickleKind::dict, {});
  if (!arguments.items.empty()) {
    const PickleNode* list = as_node(arguments.items[0], PickleKind::list);
    if (list == nullptr || arguments.items.size() != 1) damaged("an OrderedDict of no list");
    count_copies(list->items.size());
    for (const PickleValue& item : list->items) {
      PickleNode* const* pair = std::get_if<PickleNode*>(&item);
      if (pair == nullptr || (*pair)->items.size() != 2) damaged("an OrderedDict of no pairs");
      set_items(*dict, (*pair)->items);
    }
  }
  push(dict);
}

// The state of a dict (its _metadata) and of an old Parameter (requires_grad) say nothing about
// weights.
void PickleMachine::build() {
  pop();
  PickleNode* const* node = std::get_if<PickleNode*>(&top());
  if (node == nullptr || ((*node)->kind != PickleKind::dict && (*node)->kind != PickleKind::call)) {
    damaged("a state for what has none");
  }
}

}  // namespace hdecomp
