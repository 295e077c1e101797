/// The loop over many images: decode ahead, measure in batches, keep the rows; split over ranks.
#include <algorithm>

#include "hdecomp/decode_ahead.h"
#include "hdecomp/error.h"
#include "hdecomp/experiment.h"
#include "runtime/row_bytes.h"

namespace hdecomp {
namespace {

constexpr size_t look_ahead = 2;

/// Images of a run that go through the network together, and rows of those that cannot be read.
struct Batch {
  std::vector<int64_t> indexes;
  std::vector<Image> photos;
  std::vector<int32_t> labels;
  std::vector<ResultRow> unreadable;
};

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
      throw Error(text(run_.paths.size(), " paths for ", states.size(), " images"));
    }
    for (size_t i = 0; i < states.size(); ++i) {
      if (states[i] == uint8_t(ImageState::measured)) continue;
      if (all_++ % ranks_.count() == ranks_.rank()) todo_.push_back(static_cast<int64_t>(i));
    }
  }

  void work() {
    DecodeAhead decoder(paths(), std::max<size_t>(look_ahead, experiment_.batch()));
    while (next_ < todo_.size()) {
      Batch batch = next_batch(decoder);
      std::vector<ResultRow> rows = experiment_.measure(batch.photos, batch.labels);
      for (ResultRow& row : rows) row.image = batch.indexes[row.image];
      std::ranges::move(batch.unreadable, std::back_inserter(rows));
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

  Batch next_batch(DecodeAhead& decoder) {
    Batch batch;
    while (next_ < todo_.size() && std::ssize(batch.photos) < experiment_.batch()) {
      const int64_t index = todo_[next_++];
      Decoded decoded = decoder.next().value();
      try {
        if (decoded.fault) std::rethrow_exception(decoded.fault);
      } catch (const UserError& fault) {
        batch.unreadable.push_back({index, ImageState::unreadable, -1, {}, fault.what()});
        continue;
      }
      batch.indexes.push_back(index);
      batch.photos.push_back(std::move(decoded.photo));
      batch.labels.push_back(run_.labels[index]);
    }
    return batch;
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
  size_t next_ = 0;             // in todo_
  int64_t all_ = 0, done_ = 0;  // of all ranks
};

}  // namespace

void run_dataset(Experiment& experiment, ResultsFile* results, const Ranks& ranks,
                 const DatasetRun& run) {
  if ((results != nullptr) != (ranks.rank() == 0)) throw Error("the first rank has the results");
  Loop(experiment, results, ranks, run).work();
}

}  // namespace hdecomp
