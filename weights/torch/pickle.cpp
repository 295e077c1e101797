/// The face of the pickle reader: one pickle in, its values out.
#include "weights/torch/pickle.h"

#include "hdecomp/error.h"
#include "weights/torch/pickle_globals.h"
#include "weights/torch/pickle_machine.h"

namespace hdecomp {

Pickle::Pickle(std::span<const uint8_t> bytes, const std::string& name) {
  PickleMachine machine(bytes, name, nodes_);
  root_ = machine.run();
  size_ = machine.position();
}

std::string to_string(PickleGlobal global) {
  if (global == PickleGlobal::inert) return "an object that is no tensor";
  for (const PickleGlobalName& known : pickle_global_names) {
    if (known.global == global) return joined(known.module, ".", known.name);
  }
  throw Error("a global without a name");
}

const PickleNode* as_node(const PickleValue& value, PickleKind kind) {
  PickleNode* const* node = std::get_if<PickleNode*>(&value);
  return node != nullptr && (*node)->kind == kind ? *node : nullptr;
}

const PickleValue* find_key(const PickleNode& dict, std::string_view key) {
  for (size_t i = dict.items.size(); i >= 2; i -= 2) {
    const std::string_view* name = std::get_if<std::string_view>(&dict.items[i - 2]);
    if (name != nullptr && *name == key) return &dict.items[i - 1];
  }
  return nullptr;
}

}  // namespace hdecomp
