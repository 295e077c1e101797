/// Taking tensors with their shapes and values checked.
#include "weights/import/tensor_source.h"

#include <algorithm>
#include <set>

#include "hdecomp/error.h"
#include "weights/file/finite.h"
#include "weights/file/in_quotes.h"
#include "weights/file/tensor_names.h"

namespace hdecomp {

void TensorSource::refuse(const std::string& why) const { throw UserError(lead_ + ": " + why); }

std::string TensorSource::line_of_missing(const std::string& name) const {
  const std::string spelled = in_file(name);
  if (!file_.objects.contains(spelled)) return joined("tensor ", spelled, " is missing");
  return joined("tensor ", spelled, " is missing: what the file has there is an object, no tensor");
}

const Tensor& TensorSource::peek(const std::string& name) const {
  const auto found = file_.tensors.find(name);
  if (found == file_.tensors.end()) refuse(line_of_missing(name));
  return found->second;
}

Tensor TensorSource::take(const std::string& name, const Shape& wanted) {
  const auto found = file_.tensors.find(name);
  const std::string line = "tensor " + in_file(name);
  if (found == file_.tensors.end())
    refuse(joined(line_of_missing(name), "; expected shape ", wanted));
  if (found->second.shape() != wanted) {
    refuse(joined(line, " has shape ", found->second.shape(), ", expected ", wanted));
  }
  Tensor tensor = std::move(found->second);
  file_.tensors.erase(found);
  if (const int64_t bad = first_not_finite(tensor.span()); bad >= 0) {
    refuse(joined(line, " holds ", tensor.data()[bad], " at element ", bad,
                  "; weights must be finite"));
  }
  return tensor;
}

Tensor TensorSource::take_variance(const std::string& name, const Shape& wanted) {
  Tensor variance = take(name, wanted);
  const auto bad = std::ranges::find_if(variance.span(), [](float v) { return v < 0; });
  if (bad != variance.span().end()) {
    refuse(joined("tensor ", in_file(name), " holds ", *bad, " at element ",
                  bad - variance.span().begin(), "; a variance is at least 0"));
  }
  return variance;
}

double TensorSource::epsilon(const std::string& norm, double usual) const {
  const auto found = file_.norm_epsilon.find(norm);
  return found == file_.norm_epsilon.end() ? usual : found->second;
}

std::string TensorSource::word_of_taken() const {
  std::set<std::string> taken;
  for (const auto& [name, in_file] : file_.spelling) {
    if (!file_.tensors.contains(name)) taken.insert(first_word(in_file));
  }
  return taken.size() == 1 ? *taken.begin() : "";
}

void TensorSource::require_empty(const std::string& arch) const {
  if (file_.tensors.empty()) return;
  const auto& [name, tensor] = *file_.tensors.begin();
  const std::string word = file_.dialect == Dialect::keras ? "" : word_of_taken();
  const bool apart = !word.empty() && first_word(in_file(name)) != word;
  refuse(joined("tensor ", in_quotes(in_file(name)), " of shape ", tensor.shape(),
                " is extra: ", arch, " has no such tensor",
                apart ? joined("; --key ", in_quotes(word), " takes the network alone") : ""));
}

}  // namespace hdecomp
