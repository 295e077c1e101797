/// A tree's activation maps as files of arrays.
#pragma once

#include <string>

#include "hdecomp/export.h"
#include "hdecomp/tree.h"

namespace hdecomp {

/// Of each distinct step below `root` an array float32 (n, height, width): the whole map A of each
/// of its n nodes, in their order. Writes an HDF5 file of a dataset each, called as the step's
/// decision is in tree.json's `steps` ("conv5_3:70@3,3"), with the attributes `layer` and
/// `channels` (n). Nodes must keep their maps (keep_maps), else throws Error. Throws UserError if
/// the file cannot be written, or the arrays would take more than 4 GiB.
HDECOMP_API void save_maps_hdf5(const TreeNode& root, const std::string& path);
/// The same as a .npy file each in a folder that is there: "conv5_3:70@3,3.npy".
HDECOMP_API void save_maps_npy(const TreeNode& root, const std::string& folder);

}  // namespace hdecomp
