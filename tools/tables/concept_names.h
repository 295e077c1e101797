/// Channels' names as tables.
#pragma once

#include <string>

#include "hdecomp/channel_concepts.h"
#include "hdecomp/json_writer.h"
#include "tools/tables/table.h"

namespace hdecomp::tools {

/// "face 0.31" of a channel; empty where it has no name, and without a file of names.
std::string concept_words(const ChannelConcepts* concepts, const std::string& layer,
                          int64_t channel);
/// The member "name" of the object that is begun, where the channel has one.
void put_concept_name(JsonWriter& json, const ChannelConcepts* concepts, const std::string& layer,
                      int64_t channel);

/// A row per layer: how many channels have a name, and which names most of them.
Table concepts_by_layer(const ChannelConcepts& concepts);
/// A row per channel, named or not.
Table concepts_by_channel(const ChannelConcepts& concepts);

}  // namespace hdecomp::tools
