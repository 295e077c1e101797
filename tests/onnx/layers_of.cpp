/// Layers of ONNX files on inputs of floats, for the scripts here to hold against other runtimes:
/// reads lines "NET.onnx INPUT.f32 FOLDER HEIGHT WIDTH" (of the input) and writes FOLDER/I.f32 for
/// each layer I that it prints; an answer is one line of JSON.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "hdecomp/error.h"
#include "runtime/network/executor.h"
#include "weights/general/net.h"
#include "weights/general/stages.h"
#include "weights/onnx/network.h"

namespace hdecomp {
namespace {

using Json = nlohmann::json;

Tensor read_input(const std::string& path, const FeatureShape& shape) {
  Tensor input(Device{}, {1, shape.channels, shape.height, shape.width});
  const auto bytes = static_cast<std::streamsize>(input.elements() * sizeof(float));
  std::ifstream file(path, std::ios::binary);
  if (!file.read(reinterpret_cast<char*>(input.data()), bytes) || file.get() != EOF) {
    throw Error(joined(path, ": not ", input.elements(), " floats"));
  }
  return input;
}

Json layers_of(const std::string& net, const std::string& input, const std::string& folder,
               const PixelSize& size) {
  general::Network network = onnx::read_network(net, size);
  ModelData model;
  model.graph = std::move(network.graph);
  model.layers = std::move(network.layers);
  model.graph.stage_ends = general::find_stages(model.graph);
  const Graph& graph = model.graph;
  const Context context;
  Executor executor(context, model);
  executor.forward(read_input(input, graph.shapes[0]));
  Json layers;
  for (int i = 1; i <= graph.scores(); ++i) {
    const Tensor& feature = executor.feature(i);
    const std::string file = joined(folder, "/", i, ".f32");
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(feature.data()),
               static_cast<std::streamsize>(feature.elements() * sizeof(float)));
    bool stage = false;
    for (const Stage& end : graph.stage_ends) stage = stage || end.node == i;
    const FeatureShape& shape = graph.shapes[i];
    std::vector<std::string> names{graph.nodes[i].name};  // then the file's, in its order
    const auto& others = graph.nodes[i].torchvision;
    names.insert(names.end(), others.begin(), others.end());
    layers.push_back({{"names", names},
                      {"shape", {shape.channels, shape.height, shape.width}},
                      {"stage", stage},
                      {"file", file}});
  }
  return {{"input", {graph.shapes[0].height, graph.shapes[0].width}}, {"layers", layers}};
}

}  // namespace
}  // namespace hdecomp

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::string net, input, folder;
    hdecomp::PixelSize size;
    words >> net >> input >> folder >> size.height >> size.width;
    nlohmann::json answer;
    try {
      answer = hdecomp::layers_of(net, input, folder, size);
    } catch (const hdecomp::UserError& fault) {
      answer = {{"refused", fault.what()}};
    } catch (const std::exception& fault) {
      answer = {{"fault", fault.what()}};
    }
    std::cout << answer.dump() << std::endl;
  }
}
