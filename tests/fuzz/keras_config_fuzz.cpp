/// libFuzzer target: Keras's description of a model.
#include "tests/fuzz/fuzz_file.h"
#include "weights/keras/keras_config.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hdecomp;
  return fuzz::read_or_refuse([&] {
    check_keras_layers(read_keras_config({reinterpret_cast<const char*>(data), size}, "fuzz"),
                       "fuzz");
  });
}
