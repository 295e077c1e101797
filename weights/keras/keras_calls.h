/// How the layers of a Keras model are joined: "inbound_nodes", "input_layers", "output_layers".
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace hdecomp {

/// Of a layer's or a class's name, in bytes; no Keras model has longer ones.
constexpr size_t most_keras_name_bytes = 200;

/// What a layer gave when it was called for the node-th time.
struct KerasOutput {
  std::string layer;
  int64_t node = 0, tensor = 0;
};

/// One use of a layer. Operators that were written as such (x / 127.5) also have numbers.
struct KerasCall {
  std::vector<KerasOutput> inputs;
  std::vector<double> numbers;
  bool number_first = false;  // 1 - x
};

/// Of "inbound_nodes", as Keras 2 (["conv2d", 0, 0, {}] for each input) and Keras 3 (a
/// "keras_history" in "args" and "kwargs") write it. Throws UserError without the file's name.
std::vector<KerasCall> keras_calls(const nlohmann::json& inbound_nodes);

/// Of "input_layers" and "output_layers": one ["dense", 0, 0], or a list of them.
std::vector<KerasOutput> keras_outputs(const nlohmann::json& value);

}  // namespace hdecomp
