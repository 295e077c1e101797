/// The loop over many images: decode ahead, measure in batches, keep the rows; split over ranks.
#include "hdecomp/error.h"
#include "hdecomp/experiment.h"
#include "hdecomp/photo_batches.h"
#include "runtime/experiments/row_bytes.h"

namespace hdecomp {
namespace {

class Loop {
 public:
  Loop(Experiment& experiment, ResultsFile* results, const Ranks& ranks, const DatasetRun& run)
      : experiment_(experiment), results_(results), ranks_(ranks), run_(run) {
    std::vector<uint8_t> states;  // the first rank's, which has the file
    if (results_ != nullptr) {
      for (const ImageState state : results_->states()) states.push_back(uint8_t(state));
    }
    states = ranks_.from_first(std::move(states));
    if (states.size() != run_.paths.size() || states.size() != run_.labels.size()) {
      throw Error(joined(run_.paths.size(), " paths for ", states.size(), " images"));
    }
    for (size_t i = 0; i < states.size(); ++i) {
      if (states[i] == uint8_t(ImageState::measured)) continue;
      if (all_++ % ranks_.count() == ranks_.rank()) todo_.push_back(static_cast<int64_t>(i));
    }
  }

  void work() {
    PhotoBatches batches(paths(), static_cast<size_t>(experiment_.batch()), run_.decoders,
                         run_.turning);
    while (const std::optional<PhotoBatch> batch = batches.next()) {
      const std::vector<ResultRow> rows = rows_of(*batch);
      if (results_ == nullptr) {
        ranks_.send(RowBytes::pack(rows));
        continue;
      }
      keep(rows);
      while (const auto bytes = ranks_.receive(false)) keep(RowBytes::unpack(*bytes));
    }
    while (results_ != nullptr && done_ < all_) keep(RowBytes::unpack(*ranks_.receive(true)));
  }

 private:
  std::vector<std::string> paths() const {
    std::vector<std::string> paths;
    for (const int64_t i : todo_) paths.push_back(run_.paths.at(i));
    return paths;
  }

  std::vector<ResultRow> rows_of(const PhotoBatch& batch) {
    std::vector<int32_t> labels;
    std::vector<std::string> regions;
    for (const size_t i : batch.indexes) {
      labels.push_back(run_.labels[todo_[i]]);
      if (!run_.regions.empty()) regions.push_back(run_.regions.at(todo_[i]));
    }
    for (size_t i = 0; run_.turned && i < batch.photos.size(); ++i) {
      if (batch.photos[i].orientation != 1) run_.turned(todo_[batch.indexes[i]]);
    }
    std::vector<ResultRow> rows = experiment_.measure(batch.photos, labels, regions);
    for (ResultRow& row : rows) row.image = todo_[batch.indexes[row.image]];
    for (const auto& [index, why] : batch.unreadable) {
      rows.push_back({todo_[index], ImageState::unreadable, -1, {}, why});
    }
    return rows;
  }

  /// On the first rank: its own rows and the others'.
  void keep(const std::vector<ResultRow>& rows) {
    for (const ResultRow& row : rows) {
      if (row.state != ImageState::measured) run_.skipped(row.image, row.error);
    }
    results_->put(rows);
    done_ += std::ssize(rows);
    run_.progress(done_, all_);
  }

  Experiment& experiment_;
  ResultsFile* results_;
  const Ranks& ranks_;
  const DatasetRun& run_;
  std::vector<int64_t> todo_;   // of this rank
  int64_t all_ = 0, done_ = 0;  // of all ranks
};

}  // namespace

void run_dataset(Experiment& experiment, ResultsFile* results, const Ranks& ranks,
                 const DatasetRun& run) {
  if ((results != nullptr) != (ranks.rank() == 0)) throw Error("the first rank has the results");
  Loop(experiment, results, ranks, run).work();
}

}  // namespace hdecomp
