/// The dicts of tensors in a checkpoint.
#pragma once

#include <string>
#include <vector>

#include "weights/torch/pickle.h"

namespace hdecomp {

struct StateDict {
  std::string key;  // "state_dict", "nets.student"; empty: the checkpoint itself
  const PickleNode* dict = nullptr;
  size_t tensors = 0;
};

/// Every dict that has tensors among its values, down to three keys below the root, in the order of
/// the file; optimizers' are left out.
std::vector<StateDict> state_dicts(const Pickle& pickle);

/// The one to read and a line on the others of its size, empty if there are none.
struct ChosenDict {
  StateDict taken;
  std::string remark;
  std::string word;  // of its tensors those whose names begin with it and a dot; empty: all
};

/// See gather_state_dict.
ChosenDict choose_state_dict(const Pickle& pickle, const std::string& key, const std::string& path);

}  // namespace hdecomp
