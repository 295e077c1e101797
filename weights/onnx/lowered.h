/// What a graph has no single op for, as several of its ops.
#pragma once

#include <span>

#include "weights/general/net.h"
#include "weights/onnx/views.h"

namespace hdecomp::onnx {

enum class Reduction { mean, maximum, sum };

/// One number of all cells and channels of `sides`, which shrink to 1.
int reduced(Net& net, int in, Sides sides, Reduction reduction);
/// The mean of `size` channels from c - before on, c counting from 0; as many as fit between
/// `before` channels of zeros before the first and `after` behind the last. `count_zeros`: in the
/// mean, too.
int channel_windows(Net& net, int in, int64_t size, int64_t before, int64_t after,
                    bool count_zeros);
/// A convolution along the channels of every cell.
int convolved_channels(Net& net, int in, std::span<const float> taps, int64_t before, int64_t after,
                       float bias);
/// The map with rows (Side::height) or columns of zeros before and after it, or without as many
/// where they are negative.
int padded(Net& net, int in, Side side, int64_t before, int64_t after);
/// x^exponent.
int power(Net& net, int in, float exponent);
/// (x - mean) / sqrt(variance + epsilon), both over the map and the channels of a group (Wu and He
/// 2018).
int normalised_groups(Net& net, int in, int64_t groups, double epsilon);

/// The response norm that x / divisor is, if the divisor is (k + alpha mean(x^2))^beta over windows
/// of channels: PyTorch's nn.LocalResponseNorm, spelt out.
std::optional<ResponseNorm> response_norm(Net& net, int x, int divisor);

}  // namespace hdecomp::onnx
