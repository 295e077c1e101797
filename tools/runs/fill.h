/// What --fill and --baseline say: a word, or a means file; and --concepts, a file.
#pragma once

#include <memory>
#include <string>

#include "hdecomp/ablation.h"
#include "hdecomp/channel_concepts.h"
#include "hdecomp/channel_means.h"
#include "hdecomp/region.h"
#include "tools/shared_options.h"

namespace hdecomp::tools {

struct Fill {
  AblationFill fill = AblationFill::mean;
  std::shared_ptr<const ChannelMeans> means;  // of data_set
};

/// Throws UserError that names the flag or the file.
Fill read_fill(const std::string& value, const CommonOptions& common, const Model& model);

/// What --fill says of pixels; grey where it is empty. Throws UserError that names the flag.
RegionFill read_pixel_fill(const std::string& value);

/// What --baseline says: zero, mean or a means file. Throws UserError that names the flag or the
/// file.
BaselineChoice read_baseline(const std::string& value, const CommonOptions& common,
                             const Model& model);

/// The file that --concepts names; null for "". Throws UserError that names the flag or the file.
std::shared_ptr<const ChannelConcepts> read_concepts(const std::string& value,
                                                     const CommonOptions& common,
                                                     const Model& model);

/// "--fill zero or --fill means.h5": what would change something where this fill changes nothing.
std::string other_fills(AblationFill fill);

}  // namespace hdecomp::tools
