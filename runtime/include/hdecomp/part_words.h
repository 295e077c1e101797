/// How shares of evidence are written, in pictures, pages and text.
#pragma once

#include <string>

#include "hdecomp/export.h"

namespace hdecomp {

/// A share of the positive evidence, in any locale: "0.021"; below 0.001 two digits, "4.0e-4".
HDECOMP_API std::string part_words(double part);

}  // namespace hdecomp
