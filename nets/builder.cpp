/// GraphBuilder's steps.
#include "nets/builder.h"

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

KernelAxis axis_of(const Kernel& kernel) {
  return {kernel.size, kernel.stride, kernel.pad, kernel.pad, kernel.dilation};
}

}  // namespace

GraphBuilder::GraphBuilder(std::string arch) {
  graph_.arch = std::move(arch);
  append(Op::input, "input", {}, {});
}

int GraphBuilder::append(Op op, const std::string& name, std::vector<int> inputs,
                         const Aliases& aliases) {
  Node made;
  made.op = op;
  return node(std::move(made), std::move(inputs), name, aliases);
}

int GraphBuilder::node(Node node, std::vector<int> inputs, const std::string& name,
                       const Aliases& aliases) {
  node.name = name;
  node.inputs = std::move(inputs);
  node.torchvision = aliases.torchvision;
  node.keras = aliases.keras;
  node.torchvision_bn = aliases.torchvision_bn;
  node.keras_bn = aliases.keras_bn;
  graph_.nodes.push_back(std::move(node));
  return graph_.scores();
}

int GraphBuilder::conv(int input, const std::string& name, int64_t channels, Kernel kernel,
                       Activation activation, const Aliases& aliases, int64_t groups) {
  const int index = append(Op::conv, name, {input}, aliases);
  Node& node = graph_.nodes.back();
  node.out_channels = channels;
  node.y = node.x = axis_of(kernel);
  node.groups = groups;
  node.activation = activation;
  return index;
}

int GraphBuilder::linear(int input, const std::string& name, int64_t units, Activation activation,
                         const Aliases& aliases) {
  const int index = append(Op::linear, name, {input}, aliases);
  graph_.nodes.back().out_channels = units;
  graph_.nodes.back().activation = activation;
  return index;
}

int GraphBuilder::max_pool(int input, const std::string& name, Kernel kernel,
                           const Aliases& aliases, Rounding rounding) {
  const int index = append(Op::max_pool, name, {input}, aliases);
  Node& node = graph_.nodes.back();
  node.y = node.x = axis_of(kernel);
  node.rounding = rounding;
  return index;
}

int GraphBuilder::adaptive_avg_pool(int input, const std::string& name, int64_t size,
                                    const Aliases& aliases) {
  const int index = append(Op::adaptive_avg_pool, name, {input}, aliases);
  graph_.nodes.back().pool_size = size;
  return index;
}

int GraphBuilder::add(int first, int second, const std::string& name, Activation activation,
                      const Aliases& aliases) {
  const int index = append(Op::add, name, {first, second}, aliases);
  graph_.nodes.back().activation = activation;
  return index;
}

int GraphBuilder::concat(std::vector<int> inputs, const std::string& name, const Aliases& aliases) {
  return append(Op::concat, name, std::move(inputs), aliases);
}

void GraphBuilder::classifier(int input, const std::vector<int64_t>& hidden, int64_t classes,
                              int first, bool keras) {
  const auto name = [](size_t i) { return joined("fc", i + 6); };
  const auto in_keras = [&](const std::string& layer) {
    return keras ? std::vector{layer} : std::vector<std::string>{};
  };
  int top = input;
  for (size_t i = 0; i < hidden.size(); ++i) {
    const size_t at = 3 * i + static_cast<size_t>(first);
    top = linear(top, name(i), hidden[i], Activation::relu,
                 {{joined("classifier.", at), joined("classifier.", at + 1)},
                  in_keras(joined("fc", i + 1)),
                  "",
                  ""});
  }
  const std::string last = hidden.empty() ? "classifier" : joined("classifier.", 3 * hidden.size());
  linear(top, name(hidden.size()), classes, Activation::none,
         {{last}, in_keras("predictions"), "", ""});
}

void GraphBuilder::stage_end(const std::string& name, int node) {
  graph_.stage_ends.push_back({name, node});
}

}  // namespace hdecomp
