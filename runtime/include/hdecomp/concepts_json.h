/// Names of channels as JSON, as tree.json (tools/TREE_JSON.md) and the page have them.
#pragma once

#include "hdecomp/channel_concepts.h"
#include "hdecomp/json_writer.h"
#include "hdecomp/tree.h"

namespace hdecomp {

/// The member "concepts": by layer and channel a name and its IoU (by patches: the name's share of
/// them, and how many they are); of the channels of the tree alone where its root is given.
HDECOMP_API void put_concepts(JsonWriter& json, const ChannelConcepts& concepts,
                              const TreeNode* root = nullptr);

}  // namespace hdecomp
