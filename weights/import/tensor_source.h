/// A foreign file's tensors, taken out one by one on the way into a model.
#pragma once

#include <string>
#include <utility>

#include "weights/file/tensor_file.h"

namespace hdecomp {

/// Every refusal is a UserError that begins with `lead` (the file, and what it was taken for) and
/// calls the tensor as the file does.
class TensorSource {
 public:
  TensorSource(TensorFile& file, std::string lead) : file_(file), lead_(std::move(lead)) {}

  [[noreturn]] void refuse(const std::string& why) const;
  bool has(const std::string& name) const { return file_.tensors.contains(name); }
  std::string in_file(const std::string& name) const { return file_.in_file(name); }
  const Tensor& peek(const std::string& name) const;  // refuses a missing one
  /// Refuses another shape and values that are not finite.
  Tensor take(const std::string& name, const Shape& wanted);
  /// Takes a batch norm's variances, which are at least 0.
  Tensor take_variance(const std::string& name, const Shape& wanted);
  /// A batch norm's epsilon as the file says it, else the usual one.
  double epsilon(const std::string& norm, double usual) const;
  /// Refuses what nobody took.
  void require_empty(const std::string& arch) const;

 private:
  std::string line_of_missing(const std::string& name) const;
  /// The first word in the file of all names that were taken; empty if they have not one.
  std::string word_of_taken() const;

  TensorFile& file_;
  std::string lead_;
};

}  // namespace hdecomp
