/// An ONNX file as a network: graph, weights, and what was taken for granted.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "weights/general/network.h"

namespace hdecomp::onnx {

using general::Network;

/// `size`: the image's, 0 where not said; what a file leaves open is taken at 224 pixels. Throws
/// UserError, one line that begins with the path and names the node.
Network read_network(const std::string& path, const PixelSize& size);

/// Whether bytes look like an ONNX file: its first fields.
bool looks_like_onnx(std::span<const uint8_t> bytes);

}  // namespace hdecomp::onnx
