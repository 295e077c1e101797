/// libFuzzer target: an ONNX file to a network.
#include "tests/fuzz/fuzz_file.h"
#include "weights/onnx/network.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hdecomp;
  return fuzz::read_or_refuse([&] { onnx::read_network(fuzz::file_of({data, size}), 0); });
}
