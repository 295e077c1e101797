/// The loop over a list's batches.
#include "tools/runs/photo_pass.h"

#include "tools/console/progress.h"
#include "tools/images/skipped_images.h"
#include "tools/runs/session.h"

namespace hdecomp::tools {

std::vector<bool> go_over(const std::vector<ListedImage>& images, int batch,
                          const CommonOptions& common, const char* what, TurnedPhotos* turned,
                          const TakeBatch& take) {
  Progress progress(what, std::ssize(images));
  std::vector<bool> counts(images.size(), true);
  const auto skip = [&](size_t index, const std::string& why) {
    progress.clear();
    complain_of(images[index], why);
    counts[index] = false;
  };
  PhotoBatches batches(paths_of(images), static_cast<size_t>(batch), decoders_for(common),
                       turning(common));
  int64_t done = 0;
  while (const std::optional<PhotoBatch> next = batches.next()) {
    for (const auto& [index, why] : next->unreadable) skip(index, why);
    if (turned != nullptr) turned->see(*next, images);
    const std::vector<std::string> faults = take(*next);
    for (size_t i = 0; i < faults.size(); ++i) {
      if (!faults[i].empty()) skip(next->indexes[i], faults[i]);
    }
    done += std::ssize(next->photos) + std::ssize(next->unreadable);
    progress.reach(done);
  }
  return counts;
}

}  // namespace hdecomp::tools
