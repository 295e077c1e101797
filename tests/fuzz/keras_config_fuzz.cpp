/// libFuzzer target: Keras's description of a model, as a graph whose layers have no weights.
#include "tests/fuzz/fuzz_file.h"
#include "weights/keras/keras_config.h"
#include "weights/keras_graph/network.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hdecomp;
  return fuzz::read_or_refuse([&] {
    TensorFile file;
    file.keras_config = std::make_shared<const KerasLayer>(
        read_keras_config({reinterpret_cast<const char*>(data), size}, "fuzz"));
    has_only_layers_of_applications(*file.keras_config);
    keras_graph::usual_pixels(*file.keras_config);
    keras_graph::read_network(file, "fuzz", 0);
  });
}
