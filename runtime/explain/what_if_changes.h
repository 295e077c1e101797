/// The changes of what-if themselves, of one image that the network has seen as it is.
#pragma once

#include <memory>
#include <vector>

#include "hdecomp/region.h"
#include "hdecomp/what_if.h"
#include "runtime/explain/network_runner.h"

namespace hdecomp {

/// All that is said of a photograph as it is; the decision is the target, as
/// ExplainOptions::target.
Verdict verdict_before(NetworkRunner& network, const Image& photo, const std::string& target);

/// What is said of the filler's photograph with the region filled, and boxes of chance. `before` is
/// what is said of it as it is. The network's features are those of other photographs then. Throws
/// UserError for a region that is not inside or of which the network sees nothing.
WhatIf what_if_filled(NetworkRunner& network, const PixelFiller& filler, const PhotoRegion& region,
                      const WhatIfOptions& options, Verdict before);

/// Channels to switch off, by the node of their layer.
struct OffNode {
  int node;
  std::vector<int32_t> channels;
};

/// The layers in question by their nodes. Throws UserError that names --off for what cannot be
/// switched off, for a channel that is not there or named twice, and for none.
std::vector<OffNode> off_nodes(const Graph& graph, const std::vector<FilledLayer>& off);

/// What is said with the channels set to their fill, and others of chance. `photo` is image `image`
/// of the network's last run, whose features stay.
WhatIf what_if_off(NetworkRunner& network, int64_t image, const Image& photo,
                   const std::vector<OffNode>& off, AblationFill fill,
                   const std::shared_ptr<const ChannelMeans>& means, const WhatIfOptions& options,
                   Verdict before);

}  // namespace hdecomp
