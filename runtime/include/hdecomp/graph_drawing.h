/// Class graphs as a picture and as JSON.
#pragma once

#include "hdecomp/channel_concepts.h"
#include "hdecomp/class_graph.h"
#include "hdecomp/image.h"
#include "hdecomp/json_writer.h"
#include "hdecomp/model.h"

namespace hdecomp {

/// How many channels of a level the picture shows at most.
inline constexpr int most_drawn_channels = 24;

/// The graph like a pyramid: the class, a row of channels per level, lines between them. A disc's
/// area and a line's width are the mean weight as a part of the largest in the row; the more of the
/// class's trees have a line, the more it is orange. The strongest channels of a level are drawn,
/// the others counted. `concepts`, if given, names channels.
HDECOMP_API Image draw_class_graph(const ClassGraph& graph, const Model& model,
                                   const ChannelConcepts* concepts = nullptr);

/// A class's graph, and what was left of it.
struct ShownGraph {
  ClassGraph all, kept;
};

/// An object: "class", "name", "trees", "levels".
HDECOMP_API void put_class_graph(JsonWriter& json, const ShownGraph& graph, const Model& model,
                                 const ChannelConcepts* concepts = nullptr);

}  // namespace hdecomp
