/// Lists of widths, linear layers, names.
#include "nets/family_parts.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>

#include "hdecomp/error.h"

namespace hdecomp {

namespace {

NetParams params_of_published(const std::string& arch, Graph (*build)(const NetParams& params)) {
  NetParams params;
  params.arch = arch;
  params.pool_size = 1;
  for (const Node& node : build(params).nodes) {
    if (node.op == Op::conv && node.groups == 1) params.widths.push_back(node.out_channels);
  }
  return params;
}

}  // namespace

int64_t in_eights(int64_t channels, double factor) {
  const double wanted = static_cast<double>(channels) * factor;
  const int64_t rounded = std::max<int64_t>(8, static_cast<int64_t>(wanted + 4) / 8 * 8);
  return static_cast<double>(rounded) < 0.9 * wanted ? rounded + 8 : rounded;
}

NetParams published_params(const std::string& arch, Graph (*build)(const NetParams& params)) {
  // A file is held against every architecture: the networks are built for their widths once.
  static std::mutex mutex;
  static std::map<std::string, NetParams> known;
  const std::scoped_lock lock(mutex);
  const auto found = known.find(arch);
  if (found != known.end()) return found->second;
  return known.emplace(arch, params_of_published(arch, build)).first->second;
}

void fit_published(NetParams& params, const WeightDims& dims) {
  const Graph published = build_graph(default_params(params.arch));
  params.widths.clear();
  for (const Node& node : published.nodes) {
    if (node.op == Op::conv && node.groups == 1) params.widths.push_back(dims(node.name).at(0));
  }
  if (params.classes == 0) return;
  for (size_t i = 0; i < params.hidden_units.size(); ++i) {
    params.hidden_units[i] = dims(joined("fc", i + 1)).at(0);
  }
  params.classes = dims(published.nodes.back().name).at(0);
}

bool has_published_widths(const std::string& arch, const WeightDims& dims) {
  for (const Node& node : build_graph(default_params(arch)).nodes) {
    if (node.op != Op::conv) continue;
    const std::vector<int64_t> there = dims(node.name);
    if (there.empty() || there[0] != node.out_channels) return false;
  }
  return true;
}

void linear_head(GraphBuilder& net, int input, const NetParams& params, const std::string& module,
                 const std::string& published, int first) {
  if (params.classes == 0) return;
  int top = input;
  const size_t hidden = params.hidden_units.size();
  const auto at = [&](size_t i) { return static_cast<size_t>(first) + 3 * i; };
  for (size_t i = 0; i < hidden; ++i) {
    top = net.linear(top, joined("fc", i + 1), params.hidden_units[i], Activation::relu,
                     {{joined(module, ".", at(i)), joined(module, ".", at(i) + 1)}, {}, "", ""});
  }
  const std::string last = hidden == 0 ? published : joined(module, ".", at(hidden));
  net.linear(top, module, params.classes, Activation::none, {{last}, {}, "", ""});
}

int function_node(GraphBuilder& net, int input, const std::string& name,
                  const ScalarFunction& function, const Aliases& aliases) {
  Node node;
  node.op = Op::activation;
  node.function = function;
  return net.node(node, {input}, name, aliases);
}

int gate_node(GraphBuilder& net, int input, const std::string& name, const std::string& torch,
              const Gate& gate, WidthList& widths) {
  int top = net.adaptive_avg_pool(input, name + ".pool", 1, {{torch + ".avgpool"}, {}, "", ""});
  top = net.conv(top, name + ".fc1", widths.next(gate.squeezed), {1, 1, 0},
                 gate.inner == nullptr ? Activation::relu : Activation::none,
                 {{torch + ".fc1"}, {}, "", ""});
  if (gate.inner != nullptr) {
    top =
        function_node(net, top, name + ".act", *gate.inner, {{torch + ".activation"}, {}, "", ""});
  }
  top = net.conv(top, name + ".fc2", widths.next(gate.channels), {1, 1, 0}, Activation::none,
                 {{torch + ".fc2"}, {}, "", ""});
  top = function_node(net, top, name + ".gate", gate.outer,
                      {{torch + ".scale_activation"}, {}, "", ""});
  Node node;
  node.op = Op::mul;
  return net.node(node, {input, top}, name, {{torch}, {}, "", ""});
}

void project(GraphBuilder& net, Top& top, const Top& input, const std::string& name, Projection end,
             WidthList& widths) {
  const bool adds = end.stride == 1 && end.width == input.published;
  if (!adds) end.names.torchvision.push_back(name);
  top.channels = widths.next(end.width);
  top.node =
      net.conv(top.node, name + ".project", top.channels, {1, 1, 0}, Activation::none, end.names);
  if (adds) top.node = net.add(top.node, input.node, name, Activation::none, {});
  top.published = end.width;
}

void fit_classifier(NetParams& params, const WeightDims& dims) {
  if (params.classes == 0) return;
  size_t layer = 6;
  for (int64_t& units : params.hidden_units) units = dims(joined("fc", layer++)).at(0);
  params.classes = dims(joined("fc", layer)).at(0);
  // A file may say 0 channels: build_graph refuses that, so here it must only not divide.
  const int64_t area = dims("fc6").at(1) / std::max<int64_t>(params.widths.back(), 1);
  params.pool_size = std::llround(std::sqrt(static_cast<double>(area)));
}

Aliases conv_norm_names(const std::string& sequential) {
  return {{sequential + ".0", sequential + ".1", sequential + ".2", sequential},
          {},
          sequential + ".1",
          ""};
}

Aliases conv_and_norm(const std::string& conv, const std::string& norm) {
  return {{conv, norm}, {}, norm, ""};
}

}  // namespace hdecomp
