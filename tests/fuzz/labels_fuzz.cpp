/// libFuzzer target: files of labels, of every format. The first byte says which.
#include "runtime/image/library_formats.h"
#include "runtime/labels/label_files.h"
#include "tests/fuzz/fuzz_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hdecomp;
  if (size == 0) return 0;
  constexpr int64_t most_pixels = 1 << 20;
  const std::string name = "fuzz";
  const ImageFile file({data + 1, size - 1}, name, most_pixels);
  return fuzz::read_or_refuse([&] {
    RawLabels labels;
    switch (data[0] % 4) {
      case 0:
        labels = png_labels(file);
        break;
      case 1: {
        GreyPicture picture = decode_tiff_samples(file);
        labels = {picture.height, picture.width, std::move(picture.samples)};
        break;
      }
      case 2:
        labels = mat_labels(file);
        break;
      default:
        labels = outline_labels(file, 64, 64);
    }
    if (std::ssize(labels.numbers) != labels.height * labels.width) std::abort();
  });
}
