/// What the rows of `hdecomp context` hold (Fig. 13 and 14): the fields' names.
#pragma once

#include <string>

namespace hdecomp {

/// Of a stage: of each region the number of activation maps that it is the label of, and last that
/// of maps that lie on no region.
inline std::string maps_field(const std::string& layer) { return "maps_" + layer; }
/// Of each region the sum, over the maps that it is the label of, of its intersection over union.
inline std::string iou_field(const std::string& layer) { return "iou_" + layer; }
/// Of each region its share of the pixels that the network sees.
inline constexpr const char* area_field = "area";
/// The class whose score was decomposed.
inline constexpr const char* context_class_field = "decision_class";

}  // namespace hdecomp
