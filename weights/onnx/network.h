/// An ONNX file as a network: graph, weights, and what was taken for granted.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "weights/general/network.h"

namespace hdecomp::onnx {

using general::Network;

/// `size`: pixels of the square image, 0 where not said; a file that leaves it open is taken at
/// 224. Throws UserError, one line that begins with the path and names the node.
Network read_network(const std::string& path, int64_t size);

/// Whether bytes look like an ONNX file: its first fields.
bool looks_like_onnx(std::span<const uint8_t> bytes);

}  // namespace hdecomp::onnx
