/// The descriptors 0, 1 and 2, whoever started the program.
#pragma once

namespace hdecomp::tools {

/// Takes those that are closed, so that no file gets their number: a complaint would be written
/// into it. Reading and writing them fails as before.
void take_standard_descriptors();

/// After our last word: what libraries print when the process ends is dropped. (Of some damaged
/// files HDF5 1.10.8 says "infinite loop closing library".) Sanitizers write to the descriptor, and
/// are heard.
void silence_exit();

}  // namespace hdecomp::tools
