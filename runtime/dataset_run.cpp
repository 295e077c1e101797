/// The loop over many images: decode ahead, measure in batches, keep the rows.
#include <algorithm>

#include "hdecomp/decode_ahead.h"
#include "hdecomp/error.h"
#include "hdecomp/experiment.h"

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
  Loop(Experiment& experiment, ResultsFile& results, const DatasetRun& run)
      : experiment_(experiment), results_(results), run_(run) {
    for (size_t i = 0; i < results.states().size(); ++i) {
      if (results.states()[i] != ImageState::measured) todo_.push_back(static_cast<int64_t>(i));
    }
  }

  void work() {
    DecodeAhead decoder(paths(), std::max<size_t>(look_ahead, experiment_.batch()));
    while (next_ < todo_.size()) {
      Batch batch = next_batch(decoder);
      std::vector<ResultRow> rows = experiment_.measure(batch.photos, batch.labels);
      for (ResultRow& row : rows) row.image = batch.indexes[row.image];
      std::ranges::move(batch.unreadable, std::back_inserter(rows));
      for (const ResultRow& row : rows) {
        if (row.state != ImageState::measured) run_.skipped(row.image, row.error);
      }
      results_.put(rows);
      run_.progress(std::ssize(todo_), static_cast<int64_t>(next_));
    }
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
      batch.labels.push_back(results_.plan().labels[index]);
    }
    return batch;
  }

  Experiment& experiment_;
  ResultsFile& results_;
  const DatasetRun& run_;
  std::vector<int64_t> todo_;
  size_t next_ = 0;  // in todo_
};

}  // namespace

void run_dataset(Experiment& experiment, ResultsFile& results, const DatasetRun& run) {
  if (run.paths.size() != results.states().size()) {
    throw Error(text(run.paths.size(), " paths for ", results.states().size(), " images"));
  }
  Loop(experiment, results, run).work();
}

}  // namespace hdecomp
