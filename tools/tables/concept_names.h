/// Channels' names as tables, and the names that the verb concepts makes of a patches file.
#pragma once

#include <string>

#include "hdecomp/channel_concepts.h"
#include "hdecomp/json.h"
#include "hdecomp/tree.h"
#include "tools/console/table.h"
#include "tools/list_verbs.h"

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
void print_concepts(const Table& layers, int64_t images, int64_t skipped, bool json,
                    const Timings& timings_ms);

/// Names by the classes of --patches' photographs.
void name_by_patches(const ConceptsCommandOptions& options);

}  // namespace hdecomp::tools
