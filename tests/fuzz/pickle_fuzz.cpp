/// libFuzzer target: a pickle, and the tensors that it describes.
#include "tests/fuzz/fuzz_file.h"
#include "weights/torch/pickle.h"
#include "weights/torch/state_dicts.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hdecomp;
  return fuzz::read_or_refuse([&] {
    const Pickle pickle({data, size}, "fuzz");
    choose_state_dict(pickle, "", "fuzz");
  });
}
