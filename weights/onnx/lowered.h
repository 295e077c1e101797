/// What a graph has no single op for, as several of its ops.
#pragma once

#include <span>

#include "weights/general/enlarged.h"
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
/// Channels [first, first + count).
int sliced(Net& net, int in, int64_t first, int64_t count);
/// A slice for each run of channels, side by side; the node itself where it is all of them.
int taken_channels(Net& net, int in, const std::vector<ChannelRun>& runs);
/// The channels (first, the others) as (the others, first).
int channels_turned(Net& net, int in, int64_t first);
/// For each place on a cut's axis the channels there, in the order of memory.
std::vector<int> channel_parts(Net& net, int in, const ChannelCut& cut);
/// Of parts, or of more features that are broadcast to each other.
int combined(Net& net, const std::vector<int>& parts, Reduction reduction);
/// y = scale x + shift, both of each element (c, h, w).
int scaled_map(Net& net, int in, std::vector<float> scale, std::vector<float> shift);
/// -x; may change the node itself if it is `sole`.
int negated(Net& net, int in, bool sole);
/// e^(x - m) / their sum over `sides`, m the largest; in the second form over parts of the
/// channels.
int softmax(Net& net, int in, Sides sides);
int softmax(Net& net, int in, const ChannelCut& cut);
int apply(Net& net, int in, ScalarFunction function);
/// Blocks of `y` by `x` cells as channels (c, y, x), and back.
int blocks_to_channels(Net& net, int in, int64_t y, int64_t x);
int channels_to_blocks(Net& net, int in, int64_t y, int64_t x);
/// `value`, whose axes longer than 1, of `dims`, are transposed from the order `from` to `to`, if
/// the map's parts become channels by it.
std::optional<Value> blocks_as_channels(Net& net, const Value& value,
                                        const std::vector<int64_t>& from,
                                        const std::vector<int64_t>& to,
                                        const std::vector<int64_t>& dims);
using general::enlarged, general::gather_of_all;
/// A map that is `spread`, of all its cells; of other ranks it stays as it is.
void write_out(Net& net, Value& value);
/// The product of matrices (channels, cells) and (cells, 1): GCNet's context (Cao et al. 2019).
std::optional<Value> weighted_sum(Net& net, const Value& a, const Value& b);
/// x^exponent.
int power(Net& net, int in, float exponent);
/// (x - mean) / sqrt(variance + epsilon), both over the map and the channels of a group (Wu and He
/// 2018).
int normalised_groups(Net& net, int in, int64_t groups, double epsilon);

/// The response norm that x / divisor is, if the divisor is (k + alpha mean(x^2))^beta over windows
/// of channels: PyTorch's nn.LocalResponseNorm, spelt out.
std::optional<ResponseNorm> response_norm(Net& net, int x, int divisor);

}  // namespace hdecomp::onnx
