/// libFuzzer target: torch.save's zip archive and its legacy stream.
#include "tests/fuzz/fuzz_file.h"
#include "weights/torch/torch_formats.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hdecomp;
  const bool is_zip = size > 1 && data[0] == 'P' && data[1] == 'K';
  return fuzz::read_or_refuse([&] {
    const std::string path = fuzz::file_of({data, size});
    is_zip ? read_torch_zip(path) : read_torch_legacy(path);
  });
}
