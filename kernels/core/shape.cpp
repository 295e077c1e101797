/// Shape: construction with its checks, and its text form.
#include "kernels/core/shape.h"

#include <ostream>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {
constexpr int64_t max_elements = int64_t{1} << 40;
}

Shape::Shape(std::initializer_list<int64_t> dims) : Shape(std::vector<int64_t>(dims)) {}

Shape::Shape(const std::vector<int64_t>& dims) : rank_(static_cast<int>(dims.size())) {
  if (dims.size() > max_rank) throw Error(joined("a shape of ", dims.size(), " dimensions"));
  int64_t elements = 1;
  for (int i = 0; i < rank_; ++i) {
    if (dims[i] < 0) throw Error(joined("a shape with dimension ", dims[i]));
    if (dims[i] != 0 && elements > max_elements / dims[i])
      throw Error("a shape of too many elements");
    elements *= dims[i];
    dims_[i] = dims[i];
  }
}

int64_t Shape::elements() const {
  int64_t product = 1;
  for (int i = 0; i < rank_; ++i) product *= dims_[i];
  return product;
}

std::string to_string(const Shape& shape) {
  std::string result = "(";
  for (int i = 0; i < shape.rank(); ++i) {
    if (i > 0) result += ", ";
    result += std::to_string(shape[i]);
  }
  return result + ")";
}

std::ostream& operator<<(std::ostream& out, const Shape& shape) { return out << to_string(shape); }

}  // namespace hdecomp
