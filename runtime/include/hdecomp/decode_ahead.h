/// Decodes the next images on threads of its own while the current one is worked on.
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "hdecomp/export.h"
#include "hdecomp/image.h"

namespace hdecomp {

/// A photograph and the milliseconds that reading it took.
struct Decoded {
  Image photo;
  double ms = 0;
  std::exception_ptr fault;  // what reading it threw; the photo is empty then
};

/// Whether photographs are turned by their EXIF tag.
enum class Turning { as_stored, upright };

/// Reads one image file and times it. Throws what Image::load throws.
HDECOMP_API Decoded decode(const std::string& path, Turning turning = Turning::as_stored);

/// Hands out the images of a list in its order. At most `look_ahead` images are decoded or being
/// decoded beyond those handed out, so memory does not grow with the list. The destructor may come
/// before the end of the list; it waits for at most the images that are being decoded.
class HDECOMP_API DecodeAhead {
 public:
  /// `threads`: images decoded at a time, at least 1.
  DecodeAhead(std::vector<std::string> paths, size_t look_ahead, int threads = 1,
              Turning turning = Turning::as_stored);
  ~DecodeAhead();
  DecodeAhead(DecodeAhead&&) noexcept;
  DecodeAhead& operator=(DecodeAhead&&) = delete;  // the old threads would outlive their queue

  /// Waits for the next image; nothing after the last. An image that cannot be read is handed out
  /// in its turn, with its fault.
  std::optional<Decoded> next();

 private:
  class Queue;
  std::unique_ptr<Queue> queue_;
  std::vector<std::jthread> decoders_;  // use the queue: after it, so that they end first
};

}  // namespace hdecomp
