/// The extent of a tensor: up to four dimensions, outermost first, usually (n, c, h, w).
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace hdecomp {

class Shape {
 public:
  static constexpr int max_rank = 4;

  Shape() = default;
  /// Throws Error if there are more than four dimensions, a negative one, or more than 2^40
  /// elements.
  Shape(std::initializer_list<int64_t> dims);
  explicit Shape(const std::vector<int64_t>& dims);

  int rank() const { return rank_; }
  int64_t operator[](int i) const { return dims_[i]; }
  /// The product of all dimensions; 1 for rank 0.
  int64_t elements() const;
  std::vector<int64_t> dims() const { return {dims_.begin(), dims_.begin() + rank_}; }
  bool operator==(const Shape&) const = default;

 private:
  std::array<int64_t, max_rank> dims_{};
  int rank_ = 0;
};

/// "(64, 3, 7, 7)"
std::string to_string(const Shape& shape);
std::ostream& operator<<(std::ostream& out, const Shape& shape);

}  // namespace hdecomp
