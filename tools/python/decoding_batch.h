/// The next images of a batch, decoded beside what goes on.
#pragma once

#include <atomic>
#include <exception>
#include <string>
#include <thread>
#include <vector>

#include "tools/python/image_file.h"

namespace hdecomp::python {

/// An image of a batch, or why there is none.
struct ComingImage {
  Image image = {};
  std::string name = "image";
  std::optional<ImageFile> file = {};  // what it is to be decoded from; none: it is there
  std::string error = {};              // of an image that is wrong
  std::exception_ptr fault = {};       // of any other failure
};

class DecodingBatch {
 public:
  DecodingBatch(std::vector<ComingImage> images, int threads);
  ~DecodingBatch() = default;  // waits for the images that are being decoded
  DecodingBatch(const DecodingBatch&) = delete;
  DecodingBatch& operator=(const DecodingBatch&) = delete;

  /// Waits for all of them.
  std::vector<ComingImage>& images();

 private:
  void work();

  std::vector<ComingImage> images_;
  std::atomic<size_t> next_ = 0;
  std::vector<std::jthread> decoders_;
};

}  // namespace hdecomp::python
