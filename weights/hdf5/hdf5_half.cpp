/// The type of 16 bits: sign 15, exponent 10 to 14 with bias 15, fraction 0 to 9.
#include "weights/hdf5/hdf5_half.h"

namespace hdecomp {

H5Handle half_type() {
  H5Handle type(checked(H5Tcopy(H5T_IEEE_F32LE), "HDF5: no copy of a type"), H5Tclose);
  checked(H5Tset_fields(type, 15, 10, 5, 0, 10), "HDF5: no type of 16 bits");
  checked(H5Tset_size(type, 2), "HDF5: no type of 16 bits");
  checked(H5Tset_ebias(type, 15), "HDF5: no type of 16 bits");
  return type;
}

}  // namespace hdecomp
