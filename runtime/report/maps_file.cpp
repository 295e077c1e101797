/// Activation maps as NumPy and HDF5 files, an array for each step.
#include "hdecomp/maps_file.h"

#include "hdecomp/error.h"
#include "runtime/saliency/npy_bytes.h"
#include "weights/file/atomic_file.h"
#include "weights/hdf5/hdf5_attributes.h"
#include "weights/hdf5/hdf5_memory.h"

namespace hdecomp {
namespace {

/// A step's maps and what they are of.
struct StepMaps {
  std::string decision, layer;
  std::vector<int64_t> shape;  // (n, height, width)
  std::vector<int64_t> channels;
  std::vector<float> values;
};

StepMaps maps_of(const TreeNode& decision) {
  const Decomposition& step = *decision.step;
  StepMaps maps{
      place_of(decision), step.layer, {std::ssize(step.evidence), step.height, step.width}, {}, {}};
  for (const TreeNode& node : step.evidence) {
    if (!node.map) throw Error("a node keeps no map");
    const std::vector<float> whole = node.map->whole();
    maps.values.insert(maps.values.end(), whole.begin(), whole.end());
    maps.channels.push_back(node.channel);
  }
  return maps;
}

/// Those with evidence. Throws UserError where their maps are too many.
std::vector<const TreeNode*> decisions_of(const TreeNode& root) {
  constexpr int64_t most = int64_t{2} << 30;  // memory holds a file twice: HDF5's own, its bytes
  std::vector<const TreeNode*> decisions;
  int64_t bytes = 0;
  for (const TreeStep& met : distinct_steps(root)) {
    const Decomposition& step = *met.decision->step;
    if (step.evidence.empty()) continue;
    decisions.push_back(met.decision);
    bytes +=
        std::ssize(step.evidence) * step.height * step.width * static_cast<int64_t>(sizeof(float));
  }
  if (bytes <= most) return decisions;
  throw UserError(joined("--maps: the maps of this tree take ", bytes >> 20, " MiB, of at most ",
                         most >> 20, "; give a smaller --top or --depth"));
}

void write_maps(hid_t file, const StepMaps& maps) {
  const std::vector<hsize_t> extent(maps.shape.begin(), maps.shape.end());
  write_dataset(file, maps.decision, extent, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, maps.values.data());
  const H5Handle data(H5Dopen2(file, maps.decision.c_str(), H5P_DEFAULT), H5Dclose);
  write_attribute(data, "layer", maps.layer);
  write_attribute(data, "channels", maps.channels);
}

}  // namespace

void save_maps_hdf5(const TreeNode& root, const std::string& path) {
  const SilentHdf5 silent;
  const H5Handle file = create_hdf5_in_memory();
  write_attribute(file, "format", std::string("hdecomp-maps"));
  write_attribute(file, "format_version", int64_t{1});
  for (const TreeNode* decision : decisions_of(root)) write_maps(file, maps_of(*decision));
  write_file_atomically(path, hdf5_bytes(file));
}

void save_maps_npy(const TreeNode& root, const std::string& folder) {
  for (const TreeNode* decision : decisions_of(root)) {
    const StepMaps maps = maps_of(*decision);
    write_file_atomically(joined(folder, "/", maps.decision, ".npy"),
                          npy_bytes(maps.shape, maps.values));
  }
}

}  // namespace hdecomp
