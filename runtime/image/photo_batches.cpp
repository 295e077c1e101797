/// Fills batches from the decoder's queue.
#include "hdecomp/photo_batches.h"

#include <algorithm>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

constexpr size_t look_ahead = 2;

}  // namespace

PhotoBatches::PhotoBatches(std::vector<std::string> paths, size_t batch, int threads,
                           Turning turning)
    : batch_(batch), decoder_(std::move(paths), std::max(look_ahead, batch), threads, turning) {}

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
