/// Decodes the next images while the current one is worked on, or between two batches.
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

/// How many images are decoded at a time, and on whose threads.
struct Decoders {
  // NOLINTNEXTLINE(google-explicit-constructor): a number of threads alone is one, too.
  Decoders(int at_a_time = 1, bool on_own_threads = true)
      : threads(at_a_time), beside(on_own_threads) {}

  int threads;  // at least 1
  // On threads of their own, while the caller works; else on the caller's OpenMP threads, as many
  // images as may be ahead whenever it asks for one and none is. For a caller that keeps every core
  // busy: a loop on all cores waits for the thread whose core a decoder takes.
  bool beside;
};

/// Hands out the images of a list in its order. At most `look_ahead` images are decoded or being
/// decoded beyond those handed out, so memory does not grow with the list. The destructor may come
/// before the end of the list; it waits for at most the images that are being decoded.
class HDECOMP_API DecodeAhead {
 public:
  DecodeAhead(std::vector<std::string> paths, size_t look_ahead, Decoders decoders = {},
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
