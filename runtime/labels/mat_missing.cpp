/// In place of the MATLAB reader, where the build found no libmatio.
#include "runtime/labels/label_files.h"

namespace hdecomp {

MatMatrix mat_variable(const ImageFile& file, const std::string&) {
  file.fail(
      "is a MATLAB file, which this build of hdecomp can't read: it was made without libmatio "
      "(Debian's libmatio-dev)");
}

}  // namespace hdecomp
