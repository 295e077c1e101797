/// libFuzzer target: a model file's general graph, its nodes and then its stages a line each.
#include <sstream>

#include "tests/fuzz/fuzz_file.h"
#include "weights/model/graph_text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hdecomp;
  std::istringstream text(std::string(reinterpret_cast<const char*>(data), size));
  std::vector<std::string> nodes, stages;
  for (std::string line; std::getline(text, line);) {
    (line.starts_with('{') ? nodes : stages).push_back(line);
  }
  return fuzz::read_or_refuse([&] {
    const Graph graph = graph_of_lines(nodes, stages, 32, 4);
    for (int i = 0; i <= graph.scores(); ++i) {
      if (has_weights(graph.nodes[i])) weight_dims(graph, i), bias_dims(graph, i);
    }
  });
}
