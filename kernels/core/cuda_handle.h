/// Owners of the handles that CUDA and its libraries hand out.
#pragma once

#include <utility>

namespace hdecomp::cuda {

/// Destroys its handle, if it has one, and never throws: what destroying returns is of no use to
/// anyone by then.
template <class Handle, auto destroy>
class Owned {
 public:
  Owned() = default;
  explicit Owned(Handle handle) : handle_(handle) {}
  Owned(Owned&& other) noexcept : handle_(std::exchange(other.handle_, Handle{})) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Owned() {
    if (handle_ != Handle{}) (void)destroy(handle_);
  }

  Handle get() const { return handle_; }
  /// For a call that creates the handle; there must be none yet.
  Handle* out() { return &handle_; }

 private:
  Handle handle_{};
};

}  // namespace hdecomp::cuda
