/// Architectures by name: defaults, checks, and graphs.
#include "nets/family.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "hdecomp/nearest.h"

namespace hdecomp {
namespace {

constexpr int64_t max_width = int64_t{1} << 20;
constexpr int64_t max_input = 4096;

void check_range(const std::string& arch, const char* what, int64_t value, int64_t most) {
  if (value < 1 || value > most) {
    throw UserError(joined(arch, ": ", what, " is ", value, "; it must be 1 to ", most));
  }
}

void check_params(const NetParams& params, const NetParams& usual) {
  if (params.widths.size() != usual.widths.size()) {
    throw UserError(joined(params.arch, ": ", params.widths.size(), " widths given, but it has ",
                           usual.widths.size()));
  }
  if (params.hidden_units.size() > max_hidden_layers) {
    throw UserError(joined(params.arch, ": ", params.hidden_units.size(),
                           " hidden unit counts given; at most ", max_hidden_layers, " are read"));
  }
  for (const int64_t width : params.widths) check_range(params.arch, "a width", width, max_width);
  for (const int64_t units : params.hidden_units) {
    check_range(params.arch, "a hidden unit count", units, max_width);
  }
  const bool headless = params.classes == 0 && params.hidden_units.empty();
  if (!headless) check_range(params.arch, "the class count", params.classes, max_width);
  check_range(params.arch, "the input size", params.input_size.height, max_input);
  check_range(params.arch, "the input size", params.input_size.width, max_input);
  check_range(params.arch, "the pool size", params.pool_size, max_input);
}

}  // namespace

std::vector<std::string> arch_names() {
  std::vector<std::string> names;
  for (const Family& family : families()) {
    names.insert(names.end(), family.archs.begin(), family.archs.end());
  }
  return names;
}

const Family& find_family(const std::string& arch) {
  for (const Family& family : families()) {
    if (std::ranges::find(family.archs, arch) != family.archs.end()) return family;
  }
  throw UserError(
      joined("unknown architecture '", arch, "'", did_you_mean_or_one_of(arch, arch_names())));
}

NetParams default_params(const std::string& arch) { return find_family(arch).defaults(arch); }

Graph build_graph(const NetParams& params) {
  const Family& family = find_family(params.arch);
  check_params(params, family.defaults(params.arch));
  Graph graph = family.build(params);
  graph.has_scores = params.classes > 0;
  infer_shapes(graph, {3, params.input_size.height, params.input_size.width});
  return graph;
}

}  // namespace hdecomp
