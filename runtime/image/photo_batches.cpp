/// Fills batches from the decoder's queue.
#include "hdecomp/photo_batches.h"

#include <algorithm>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

/// How many images of a batch's size lie decoded. Where nobody decodes beside the work, each thread
/// is to have one.
size_t look_ahead(size_t batch, const Decoders& decoders) {
  constexpr size_t least = 2, most_of_threads = 16;
  const size_t at_a_time = std::min(static_cast<size_t>(decoders.threads), most_of_threads);
  return std::max({least, batch, decoders.beside ? 0 : at_a_time});
}

}  // namespace

PhotoBatches::PhotoBatches(std::vector<std::string> paths, size_t batch, Decoders decoders,
                           Turning turning)
    : batch_(batch), decoder_(std::move(paths), look_ahead(batch, decoders), decoders, turning) {}

std::optional<PhotoBatch> PhotoBatches::next() {
  PhotoBatch batch;
  while (batch.photos.size() < batch_) {
    std::optional<Decoded> decoded = decoder_.next();
    if (!decoded) break;
    const size_t index = next_++;
    try {
      if (decoded->fault) std::rethrow_exception(decoded->fault);
    } catch (const UserError& fault) {
      batch.unreadable.push_back({index, fault.what()});
      continue;
    }
    batch.indexes.push_back(index);
    batch.photos.push_back(std::move(decoded->photo));
    batch.decode_ms.push_back(decoded->ms);
  }
  if (batch.photos.empty() && batch.unreadable.empty()) return std::nullopt;
  return batch;
}

}  // namespace hdecomp
