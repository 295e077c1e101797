/// A model in memory and its HDF5 file: network parameters, preprocessing, class names, weights.
/// The format is described in weights/FORMAT.md.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hdecomp/conversion.h"
#include "hdecomp/model_memory.h"
#include "hdecomp/preprocess.h"
#include "kernels/conv/weight_store.h"
#include "kernels/core/tensor.h"
#include "nets/family.h"
#include "weights/model/device_copies.h"

namespace hdecomp {

/// A convolution's (out, in / groups, k, k) or a linear layer's (out, in) weight, and its (out)
/// bias, with batch norm already folded in.
struct LayerWeights {
  Tensor weight;
  Tensor bias;
};

struct ModelData {
  NetParams params;
  Preprocess preprocess;
  std::vector<std::string> classes;  // names, one per class; empty if unknown
  std::vector<std::string> wnids;    // WordNet ids beside the names; empty if unknown
  std::string source;                // what it was made from: a file's name and SHA-256, or a seed
  std::string other_side;            // of versus() alone: the name of the other side
  // Of a network made of another alone: that whose weights these are, but for those of the layers
  // that were put in.
  std::shared_ptr<const ModelData> weights_of;
  bool can_be_saved = true;    // false where layers were put in
  bool weights_16 = false;     // the file holds weights in 16 bits where that loses nothing
  ConversionNotes conversion;  // of a model just converted; not in the file
  Graph graph;                 // build_graph(params); of params.arch "graph": of its own
  std::vector<LayerWeights>
      layers;  // one per node of the graph; empty tensors where it has no weights
  // What is made of those weights for kernels, shared by all who compute with them: who changes a
  // weight must see that no one does.
  std::shared_ptr<WeightStore> store = std::make_shared<WeightStore>();
  std::shared_ptr<DeviceCopies> copies = std::make_shared<DeviceCopies>();
};

/// Reads a model straight into its tensors (no second copy) and checks every extent against the
/// graph and every value for finiteness. Throws UserError, one line that names the file and the
/// attribute or dataset.
ModelData read_model(const std::string& path, ModelMemory memory = ModelMemory::own);

/// The same of a file's bytes in memory; `name` stands for its path in errors.
ModelData read_model(std::span<const uint8_t> bytes, const std::string& name);

/// Writes the file under a temporary name in the same folder and renames it; the same model gives
/// the same bytes. The file is built in memory first, which takes twice its size. Throws UserError
/// if it cannot be written (no such folder, no permission, disk full); then nothing is left behind.
void write_model(const ModelData& model, const std::string& path);

/// Throws UserError that names the layer if the weights do not fit the graph or hold a value that
/// is not finite; `name` (a file's) begins the line.
void check_weights(const ModelData& model, const std::string& name);

}  // namespace hdecomp
