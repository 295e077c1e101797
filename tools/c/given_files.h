/// What the C interface's structs say of files that are written.
#pragma once

#include "hdecomp/tree_files.h"
#include "runtime/c_api/handles.h"

namespace hdecomp::c_api {

/// Throws UserError for words that mean nothing.
TreeFiles tree_files(const hdecomp_tree_files& given);
PatchFiles patch_files(const hdecomp_patches* const* given, size_t count);

}  // namespace hdecomp::c_api
