/// A list that is read only and shares its memory: the lists of all decompositions of a level lie
/// in one piece, and none is copied.
#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace hdecomp {

/// As cheap to copy as a shared_ptr; its elements live as long as any copy does.
template <class T>
class SharedList {
 public:
  using value_type = T;

  SharedList() = default;
  SharedList(std::vector<T> values) {  // NOLINT: a vector is one
    const auto owner = std::make_shared<const std::vector<T>>(std::move(values));
    *this = SharedList(owner, *owner);
  }
  SharedList(std::initializer_list<T> values) : SharedList(std::vector<T>(values)) {}
  /// `values` lie in what `owner` keeps.
  SharedList(const std::shared_ptr<const void>& owner, std::span<const T> values)
      : first_(owner, values.data()), size_(values.size()) {}

  const T* data() const { return first_.get(); }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const T& operator[](size_t i) const { return data()[i]; }
  const T& front() const { return data()[0]; }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size_; }

  /// The same values.
  friend bool operator==(const SharedList& a, const SharedList& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  std::shared_ptr<const T> first_;
  size_t size_ = 0;
};

}  // namespace hdecomp
