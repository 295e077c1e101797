/// How channels are ablated: what they are set to, and in which way that is computed.
#pragma once

#include <string>

#include "hdecomp/export.h"

namespace hdecomp {

class ChannelMeans;  // hdecomp/channel_means.h

/// What an ablated channel is set to over its whole map: its mean on this image (the paper's), 0,
/// or its mean over a data set.
enum class AblationFill { mean, zero, data_set };
/// "mean", "zero" or "means": as JSON and results files name it.
HDECOMP_API std::string to_string(AblationFill fill);

enum class AblationMethod {
  fast,   // inside the decision's receptive field alone, all channels together
  naive,  // a run of the network per channel
};
inline constexpr const char* ablation_methods[] = {"fast", "naive"};

}  // namespace hdecomp
