/// The descriptors 0, 1 and 2, whoever started the program.
#pragma once

namespace hdecomp::tools {

/// Takes those that are closed, so that no file gets their number: a complaint would be written
/// into it. Reading and writing them fails as before.
void take_standard_descriptors();

/// Hands on what was printed, in whole lines to who reads them, whatever ends the run later. Throws
/// UserError where it cannot be written: a full disk is told of at once, not after the last image.
void flush_output();

}  // namespace hdecomp::tools
