/// RAII for HDF5 identifiers and for HDF5's habit of printing its errors to stderr.
#pragma once

#include <hdf5.h>

#include <string>
#include <utility>

#include "hdecomp/error.h"

namespace hdecomp {

/// Owns one HDF5 identifier and closes it with the function that belongs to its kind:
///   H5Handle file(checked(H5Fopen(...), line), H5Fclose);
/// A negative identifier is held as "none" and never closed.
class H5Handle {
 public:
  using Close = herr_t (*)(hid_t);

  H5Handle() = default;
  H5Handle(hid_t id, Close close) : id_(id), close_(close) {}
  H5Handle(H5Handle&& other) noexcept
      : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}
  H5Handle& operator=(H5Handle&& other) noexcept {
    if (this != &other) {
      reset();
      id_ = std::exchange(other.id_, H5I_INVALID_HID);
      close_ = other.close_;
    }
    return *this;
  }
  ~H5Handle() { reset(); }

  hid_t get() const { return id_; }
  operator hid_t() const { return id_; }
  bool valid() const { return id_ >= 0; }
  /// Closes now. False if HDF5 reports a failure: for a file being written, data may be lost.
  bool reset() {
    if (!valid()) return true;
    return close_(std::exchange(id_, H5I_INVALID_HID)) >= 0;
  }

 private:
  hid_t id_ = H5I_INVALID_HID;
  Close close_ = nullptr;
};

/// `result` (an identifier, a count, a status, a truth value) if it is not negative; otherwise
/// throws UserError with the line built of `parts`: checked(H5Dopen2(...), path, ": no dataset ",
/// name).
template <class Result, class... Parts>
Result checked(Result result, const Parts&... parts) {
  if (result < 0) throw UserError(joined(parts...));
  return result;
}

/// While it lives, HDF5 prints nothing; then the earlier handler is back.
///
/// Of some damaged files HDF5 1.10.8 keeps parts though it refuses them. Then it cannot close
/// itself when the process ends, and says so on stderr ("infinite loop closing library"), unless
/// errors are printed by nobody. So once reading has ended by an exception, that is so from the
/// process's end on. Until then a host that uses HDF5 itself has its errors printed as it wants.
class SilentHdf5 {
 public:
  SilentHdf5();
  ~SilentHdf5();
  SilentHdf5(const SilentHdf5&) = delete;
  SilentHdf5& operator=(const SilentHdf5&) = delete;

 private:
  H5E_auto2_t handler_ = nullptr;
  void* data_ = nullptr;
  int exceptions_;  // that were on their way before it
};

}  // namespace hdecomp
