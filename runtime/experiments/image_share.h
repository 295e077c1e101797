/// The loop over many images that ranks share: each decodes and measures its own, the first one
/// keeps what all of them found.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hdecomp/experiment.h"
#include "hdecomp/photo_batches.h"
#include "hdecomp/stopped.h"

namespace hdecomp {

class ImageShare {
 public:
  /// `states`: of the run's images, known to the first rank, empty on the others. What is not
  /// measured is to be.
  ImageShare(const Ranks& ranks, const DatasetRun& run, const std::vector<ImageState>& states)
      : ranks_(ranks), run_(run) {
    std::vector<uint8_t> known;
    for (const ImageState state : states) known.push_back(uint8_t(state));
    known = ranks_.from_first(std::move(known));
    if (known.size() != run.paths.size() || known.size() != run.labels.size()) {
      throw Error(joined(run.paths.size(), " paths for ", known.size(), " images"));
    }
    for (size_t i = 0; i < known.size(); ++i) {
      if (known[i] == uint8_t(ImageState::measured)) continue;
      if (all_++ % ranks_.count() == ranks_.rank()) todo_.push_back(static_cast<int64_t>(i));
    }
  }

  /// How many images this rank has.
  size_t own() const { return todo_.size(); }
  /// The run's numbers of a batch's photographs, or of an unreadable file.
  int64_t image_of(size_t index) const { return todo_[index]; }

  /// `measure(batch)` is what a rank finds, `pack` and `unpack` make bytes of it and back, and
  /// `keep(found)`, on the first rank, returns of how many images it is.
  template <class Measure, class Pack, class Unpack, class Keep>
  void work(int batch_size, Measure measure, Pack pack, Unpack unpack, Keep keep) const {
    std::vector<std::string> paths;
    for (const int64_t i : todo_) paths.push_back(run_.paths.at(i));
    PhotoBatches batches(std::move(paths), static_cast<size_t>(batch_size), run_.decoders,
                         run_.turning);
    int64_t done = 0;
    const auto take = [&](const auto& found) {
      done += keep(found);
      if (run_.progress) run_.progress(done, all_);
    };
    while (const std::optional<PhotoBatch> batch = batches.next()) {
      end_if_stopped(run_.stop);
      tell_of_turned(*batch);
      const auto found = measure(*batch);
      if (ranks_.rank() > 0) {
        ranks_.send(pack(found));
        continue;
      }
      take(found);
      while (const auto bytes = ranks_.receive(false)) take(unpack(*bytes));
    }
    while (ranks_.rank() == 0 && done < all_) take(unpack(*ranks_.receive(true)));
  }

 private:
  void tell_of_turned(const PhotoBatch& batch) const {
    for (size_t i = 0; run_.turned && i < batch.photos.size(); ++i) {
      if (batch.photos[i].orientation != 1) run_.turned(todo_[batch.indexes[i]]);
    }
  }

  const Ranks& ranks_;
  const DatasetRun& run_;
  std::vector<int64_t> todo_;  // of this rank
  int64_t all_ = 0;            // of all ranks
};

}  // namespace hdecomp
