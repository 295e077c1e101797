/// Parts of the channels by ops of the graph: taken, turned, put together again.
#include "hdecomp/error.h"
#include "weights/onnx/lowered.h"

namespace hdecomp::onnx {

int sliced(Net& net, int in, int64_t first, int64_t count) {
  Node node;
  node.op = Op::slice;
  node.first_channel = first;
  node.out_channels = count;
  return net.append(node, {in});
}

int taken_channels(Net& net, int in, const std::vector<ChannelRun>& runs) {
  if (runs.size() == 1 && runs[0].count == net.shape(in).channels) return in;
  std::vector<int> parts;
  for (const ChannelRun& run : runs) {
    parts.push_back(sliced(net, in, run.first, run.count));
  }
  return parts.size() == 1 ? parts[0] : net.append(Op::concat, parts);
}

int channels_turned(Net& net, int in, int64_t first) {
  Node node;
  node.op = Op::channel_shuffle;
  node.groups = first;
  return first == 1 || first == net.shape(in).channels ? in : net.append(node, {in});
}

std::vector<int> channel_parts(Net& net, int in, const ChannelCut& cut) {
  constexpr int64_t most_parts = 64;
  const bool strided = cut.outer > 1;
  if (cut.size > most_parts || (strided && cut.inner > 1))
    throw UserError(joined("over ", cut.size, " parts of ", cut.outer, " x ", cut.inner,
                           " channels; up to ", most_parts,
                           " that lie side by side, or take turns, are supported"));
  if (strided) in = channels_turned(net, in, cut.outer);
  const int64_t own = cut.outer * cut.inner;
  std::vector<int> parts;
  for (int64_t k = 0; k < cut.size; ++k) {
    parts.push_back(cut.size == 1 ? in : sliced(net, in, k * own, own));
  }
  return parts;
}

int combined(Net& net, const std::vector<int>& parts, Reduction reduction) {
  int all = parts.at(0);
  for (size_t i = 1; i < parts.size(); ++i)
    all = net.append(reduction == Reduction::maximum ? Op::max : Op::add, {all, parts[i]});
  if (reduction != Reduction::mean || parts.size() == 1) return all;
  return net.scaled(all, false, 1 / static_cast<double>(parts.size()), 0);
}

int softmax(Net& net, int in, const ChannelCut& cut) {
  std::vector<int> parts = channel_parts(net, in, cut);
  const int largest = combined(net, parts, Reduction::maximum);
  for (int& part : parts) part = apply(net, net.append(Op::sub, {part, largest}), {Function::exp});
  const int sum = combined(net, parts, Reduction::sum);
  for (int& part : parts) part = net.append(Op::div, {part, sum});
  const int all = parts.size() == 1 ? parts[0] : net.append(Op::concat, parts);
  return cut.outer > 1 ? channels_turned(net, all, cut.size) : all;
}

}  // namespace hdecomp::onnx
