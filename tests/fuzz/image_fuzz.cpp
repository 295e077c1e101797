/// libFuzzer target: photographs of every format.
#include "hdecomp/image.h"
#include "tests/fuzz/fuzz_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hdecomp;
  constexpr int64_t most_pixels = 1 << 20;
  return fuzz::read_or_refuse([&] {
    const Image image = Image::decode({data, size}, "fuzz", most_pixels);
    const auto bytes = static_cast<size_t>(image.height * image.width * Image::channels);
    if (image.rgb.size() != bytes || image.orientation < 1 || image.orientation > 8) std::abort();
  });
}
