/// A call's inputs, each required to be what its rule needs.
#include "hdecomp/error.h"
#include "weights/onnx/translate.h"

namespace hdecomp::onnx {

const Value& Call::feature(size_t i) const {
  if (i >= inputs.size() || inputs[i].node < 0)
    throw UserError(joined("input ", i, " is not computed from the image"));
  if (inputs[i].spread)
    throw UserError(joined("input ", i, " is expanded for other than a sum or a product"));
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

Value map_of(const Call& call, int node) {
  Value value;
  const FeatureShape& shape = call.net.shape(node);
  value.node = node;
  value.dims = {call.feature(0).dims[0], shape.channels, shape.height, shape.width};
  return value;
}

std::vector<float> per_channel(const Call& call, const Constant& values) {
  const int64_t count = call.net.shape(call.feature(0).node).channels;
  if (values.whole) throw UserError("whole numbers where real ones are needed");
  if (values.elements() == 1) return std::vector<float>(count, values.reals[0]);
  if (values.elements() != count)
    throw UserError(joined(values.elements(), " numbers for ", count, " channels"));
  return values.reals;
}

}  // namespace hdecomp::onnx
