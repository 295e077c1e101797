/// The products that PyTorch's parametrisations compute before every forward pass.
#include "weights/import/parametrised.h"

#include <cmath>
#include <vector>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

class Parametrised {
 public:
  Parametrised(TensorFile& file, const std::string& path) : file_(file), path_(path) {}

  /// The result's name is the first part's without its ending.
  void combine(const std::string& name) {
    if (masked(name, "weight") || masked(name, "bias")) return;
    if (weight_norm(name, ".weight_v", ".weight_g")) return;
    if (weight_norm(name, ".parametrizations.weight.original1",
                    ".parametrizations.weight.original0")) {
      return;
    }
    spectral_norm(name);
  }

 private:
  const Tensor* find(const std::string& name) const {
    const auto found = file_.tensors.find(name);
    return found == file_.tensors.end() ? nullptr : &found->second;
  }
  [[noreturn]] void misfit(const std::string& first, const std::string& second) const {
    throw UserError(joined(path_, ": tensors ", file_.in_file(first), " of shape ",
                           find(first)->shape(), " and ", file_.in_file(second), " of shape ",
                           find(second)->shape(), " do not fit each other"));
  }
  /// Keeps the first part's memory for the result.
  void replace(const std::string& first, const std::vector<std::string>& others,
               const std::string& result) {
    std::string spelling = file_.in_file(first);
    auto node = file_.tensors.extract(first);
    for (const std::string& other : others) file_.tensors.erase(other);
    node.key() = result;
    if (!file_.tensors.insert(std::move(node)).inserted) {
      throw UserError(joined(path_, ": tensors ", spelling, " and ", file_.in_file(result),
                             " are both one layer's weight"));
    }
    file_.spelling[result] = std::move(spelling);
  }
  Tensor& values(const std::string& name) { return file_.tensors.at(name); }

  bool masked(const std::string& name, const std::string& role) {
    const std::string ending = "." + role + "_orig";
    if (!name.ends_with(ending)) return false;
    const std::string stem = name.substr(0, name.size() - ending.size()) + "." + role;
    const Tensor* mask = find(stem + "_mask");
    if (mask == nullptr) return false;
    Tensor& weight = values(name);
    if (mask->shape() != weight.shape()) misfit(name, stem + "_mask");
    for (int64_t i = 0; i < weight.elements(); ++i) weight.data()[i] *= mask->data()[i];
    replace(name, {stem + "_mask"}, stem);
    return true;
  }

  /// One length for every output, or one for all (dim=None).
  bool weight_norm(const std::string& name, const std::string& direction,
                   const std::string& length) {
    if (!name.ends_with(direction)) return false;
    const std::string layer = name.substr(0, name.size() - direction.size());
    const Tensor* lengths = find(layer + length);
    if (lengths == nullptr) return false;
    Tensor& weight = values(name);
    const int64_t rows = lengths->elements();
    const bool per_output = weight.shape().rank() > 0 && rows == weight.shape()[0];
    if (weight.elements() == 0 || (!per_output && rows != 1)) misfit(name, layer + length);
    const int64_t row = weight.elements() / rows;
    for (int64_t i = 0; i < rows; ++i) {
      float* v = weight.data() + i * row;
      double squares = 0;
      for (int64_t k = 0; k < row; ++k) squares += static_cast<double>(v[k]) * v[k];
      const double scale = lengths->data()[i] / std::sqrt(squares);
      for (int64_t k = 0; k < row; ++k) v[k] = static_cast<float>(v[k] * scale);
    }
    replace(name, {layer + length}, layer + ".weight");
    return true;
  }

  /// sigma = u^T W v, W as (outputs, the rest), with the vectors that training ended with.
  void spectral_norm(const std::string& name) {
    const std::string ending = ".weight_orig";
    if (!name.ends_with(ending)) return;
    const std::string stem = name.substr(0, name.size() - ending.size()) + ".weight";
    const Tensor *u = find(stem + "_u"), *v = find(stem + "_v");
    if (u == nullptr || v == nullptr) return;
    Tensor& weight = values(name);
    const int64_t rows = u->elements(), row = v->elements();
    if (rows == 0 || row == 0 || weight.elements() % rows != 0 || weight.elements() / rows != row) {
      misfit(name, stem + "_u");
    }
    double sigma = 0;
    for (int64_t i = 0; i < rows; ++i) {
      double sum = 0;
      for (int64_t k = 0; k < row; ++k) {
        sum += static_cast<double>(weight.data()[i * row + k]) * v->data()[k];
      }
      sigma += u->data()[i] * sum;
    }
    for (float& value : weight.span()) value = static_cast<float>(value / sigma);
    replace(name, {stem + "_u", stem + "_v"}, stem);
  }

  TensorFile& file_;
  const std::string& path_;
};

}  // namespace

void compute_weights(TensorFile& file, const std::string& path) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : file.tensors) {
    if (name.ends_with("_orig") || name.ends_with("_v") || name.ends_with("original1")) {
      names.push_back(name);
    }
  }
  Parametrised parametrised(file, path);
  for (const std::string& name : names) {
    if (file.tensors.contains(name)) parametrised.combine(name);
  }
}

}  // namespace hdecomp
