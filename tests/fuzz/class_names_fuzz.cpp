/// libFuzzer target: class lists, as text and as JSON.
#include "tests/fuzz/fuzz_file.h"
#include "weights/file/class_names.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hdecomp;
  return fuzz::read_or_refuse([&] { read_class_names(fuzz::file_of({data, size})); });
}
