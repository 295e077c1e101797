/// PhotoBatches: a list of image files as batches for the network, decoded ahead.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hdecomp/decode_ahead.h"

namespace hdecomp {

/// The next images of the list, in its order.
struct PhotoBatch {
  struct Unreadable {
    size_t index;
    std::string why;  // one line
  };

  std::vector<size_t> indexes;  // in the list; one per photograph
  std::vector<Image> photos;
  std::vector<double> decode_ms;
  std::vector<Unreadable> unreadable;  // met on the way
};

class HDECOMP_API PhotoBatches {
 public:
  /// `batch`: most photographs at a time, at least 1.
  PhotoBatches(std::vector<std::string> paths, size_t batch, Decoders decoders = {},
               Turning turning = Turning::as_stored);

  /// A full batch as long as there are photographs; nothing after the last file. The last batch may
  /// have unreadable files alone. Throws what is no fault of a file (no memory).
  std::optional<PhotoBatch> next();

 private:
  size_t batch_;
  size_t next_ = 0;  // in the list
  DecodeAhead decoder_;
};

}  // namespace hdecomp
