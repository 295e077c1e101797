/// A call's inputs, each required to be what its rule needs.
#include "hdecomp/error.h"
#include "weights/onnx/translate.h"

namespace hdecomp::onnx {

const Value& Call::feature(size_t i) const {
  if (i >= inputs.size() || inputs[i].node < 0)
    throw UserError(joined("input ", i, " is not computed from the image"));
  return inputs[i];
}

const Constant& Call::constant(size_t i) const {
  if (i >= inputs.size() || !inputs[i].constant)
    throw UserError(joined("input ", i, " is no constant"));
  return *inputs[i].constant;
}

std::vector<ConstantPtr> Call::constants() const {
  std::vector<ConstantPtr> all;
  for (const Value& value : inputs) all.push_back(value.constant);
  return all;
}

Value Call::as(size_t i, int other) const {
  Value value = feature(i);
  value.node = other;
  return value;
}

}  // namespace hdecomp::onnx
