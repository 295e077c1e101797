/// The descriptors 0, 1 and 2, whoever started the program.
#pragma once

namespace hdecomp::tools {

/// Takes those that are closed, so that no file gets their number: a complaint would be written
/// into it. Reading and writing them fails as before.
void take_standard_descriptors();

}  // namespace hdecomp::tools
