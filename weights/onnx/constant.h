/// Constant tensors of an ONNX model, and the ops that are computed on them while converting.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "weights/file/size_budget.h"
#include "weights/onnx/schema.h"

namespace hdecomp::onnx {

/// Real numbers or whole ones.
struct Constant {
  std::vector<int64_t> dims;
  bool whole = false;
  std::vector<float> reals;
  std::vector<int64_t> integers;

  int64_t elements() const { return static_cast<int64_t>(whole ? integers.size() : reals.size()); }
  /// The only element, or nothing.
  std::optional<float> scalar() const;
};
using ConstantPtr = std::shared_ptr<const Constant>;
/// The only element. Throws UserError if there are more.
float number_of(const Constant& constant);

/// The product of `dims`. Throws UserError that names `what` for negative or huge ones.
int64_t elements_of(const std::vector<int64_t>& dims, const std::string& what);

/// Where constants come from: the file at `path`, whose folder holds external data.
struct ConstantSource {
  std::string path;
  SizeBudget& budget;
  bool halves = false;             // set where a tensor was of 16 bits
  std::set<std::string> beside{};  // files of external data, which the budget counts
};

/// The tensor's values, widened to float or int64. Throws UserError that names the tensor.
ConstantPtr constant_of(const RawTensor& tensor, ConstantSource& source);

/// Computes a node whose inputs are all constants (null: left out); nothing if the op is not among
/// those computed here. Throws UserError if they do not fit.
ConstantPtr folded(const RawNode& node, const std::vector<ConstantPtr>& inputs,
                   ConstantSource& source);

/// All axes moved: result axis i is the input's axis order[i].
Constant transposed(const Constant& input, const std::vector<int64_t>& order);

}  // namespace hdecomp::onnx
