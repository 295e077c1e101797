/// The loop over many images: decode ahead, measure in batches, keep the rows; split over ranks.
#include "hdecomp/error.h"
#include "hdecomp/experiment.h"
#include "runtime/experiments/image_share.h"
#include "runtime/results/row_bytes.h"

namespace hdecomp {
namespace {

std::vector<ResultRow> rows_of(Experiment& experiment, const ImageShare& share,
                               const DatasetRun& run, const PhotoBatch& batch) {
  std::vector<int32_t> labels;
  std::vector<std::string> regions;
  for (const size_t i : batch.indexes) {
    labels.push_back(run.labels[share.image_of(i)]);
    if (!run.regions.empty()) regions.push_back(run.regions.at(share.image_of(i)));
  }
  std::vector<ResultRow> rows = experiment.measure(batch.photos, labels, regions);
  for (ResultRow& row : rows) row.image = share.image_of(batch.indexes[row.image]);
  for (const auto& [index, why] : batch.unreadable) {
    rows.push_back({share.image_of(index), ImageState::unreadable, -1, {}, why});
  }
  return rows;
}

}  // namespace

void run_dataset(Experiment& experiment, ResultsFile* results, const Ranks& ranks,
                 const DatasetRun& run) {
  if ((results != nullptr) != (ranks.rank() == 0)) throw Error("the first rank has the results");
  const ImageShare share(ranks, run,
                         results != nullptr ? results->states() : std::vector<ImageState>());
  share.work(
      experiment.batch(),
      [&](const PhotoBatch& batch) { return rows_of(experiment, share, run, batch); },
      RowBytes::pack, RowBytes::unpack,
      [&](const std::vector<ResultRow>& rows) {
        for (const ResultRow& row : rows) {
          if (row.state != ImageState::measured && run.skipped) run.skipped(row.image, row.error);
        }
        results->put(rows);
        return std::ssize(rows);
      });
}

}  // namespace hdecomp
