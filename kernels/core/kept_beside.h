/// What is kept beside tensors while somebody holds it, found again by where their numbers lie.
#pragma once

#include <cstdint>
#include <iterator>
#include <map>
#include <memory>

#include "kernels/core/tensor.h"

namespace hdecomp {

/// A T has `elements`: of the tensor that it was made of. A tensor must outlive what is kept of it.
template <class T>
class KeptBeside {
 public:
  struct Part {
    std::shared_ptr<const T> kept;
    int64_t first = 0;  // of its elements
  };

  /// Of `elements` floats from `data` on, which may begin inside a tensor; null where not all are
  /// in one.
  Part find(const float* data, int64_t elements) const {
    const auto behind = by_address_.upper_bound(data);
    if (behind == by_address_.begin()) return {};
    const auto& [from, there] = *std::prev(behind);
    auto kept = there.lock();
    if (!kept || data - from + elements > kept->elements) return {};
    return {std::move(kept), data - from};
  }

  /// Of a whole tensor.
  std::shared_ptr<const T> of(const Tensor& tensor) const {
    const Part part = find(tensor.data(), tensor.elements());
    return part.kept && part.kept->elements == tensor.elements() ? part.kept : nullptr;
  }

  void put(const Tensor& tensor, std::shared_ptr<const T> made) {
    std::erase_if(by_address_, [](const auto& entry) { return entry.second.expired(); });
    by_address_[tensor.data()] = std::move(made);
  }

 private:
  std::map<const float*, std::weak_ptr<const T>> by_address_;
};

}  // namespace hdecomp
