/// What SilentHdf5 leaves behind of a file that was refused.
#include "weights/hdf5/hdf5_handles.h"

#include <cstdlib>
#include <exception>

namespace hdecomp {
namespace {

void end_silently() { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }

}  // namespace

SilentHdf5::SilentHdf5() : exceptions_(std::uncaught_exceptions()) {
  H5Eget_auto2(H5E_DEFAULT, &handler_, &data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

SilentHdf5::~SilentHdf5() {
  H5Eset_auto2(H5E_DEFAULT, handler_, data_);
  if (std::uncaught_exceptions() == exceptions_) return;
  // Handlers run in reverse order: this one before HDF5's own, which is there since its first call.
  [[maybe_unused]] static const int added = std::atexit(end_silently);
}

}  // namespace hdecomp
