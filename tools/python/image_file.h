/// A photograph that is still to be read, as Python names it.
#pragma once

#include <optional>
#include <string>

#include "hdecomp/image.h"

namespace hdecomp::python {

struct ImageFile {
  std::string path;
  std::optional<std::string> bytes = {};  // in place of the path: a whole file's

  /// Needs no lock of Python's. Throws UserError.
  Image read() const {
    if (!bytes) return Image::load(path);
    return Image::decode({reinterpret_cast<const uint8_t*>(bytes->data()), bytes->size()},
                         "image in memory");
  }
};

}  // namespace hdecomp::python
