/// One batch is told of while a GPU works on the next.
#include "tools/output/photo_run.h"

#include <exception>
#include <optional>
#include <utility>

#include "hdecomp/cores.h"
#include "tools/output/side_by_side.h"

namespace hdecomp::tools {
namespace {

/// The batches that are begun, whose photographs live until they are finished.
class BegunBatches {
 public:
  explicit BegunBatches(Explainer& explainer) : explainer_(explainer) {}
  /// Where the run ended early.
  ~BegunBatches() {
    while (count_ > 0) {
      try {
        finish();
      } catch (...) {  // the run has its own fault
      }
    }
  }
  BegunBatches(const BegunBatches&) = delete;
  BegunBatches& operator=(const BegunBatches&) = delete;

  void begin(const PhotoBatch& batch, const ExplainOptions& question) {
    explainer_.begin_batch(batch.photos, question);
    ++count_;
  }
  std::vector<Explained> finish() {
    --count_;
    return explainer_.finish_batch();
  }

 private:
  Explainer& explainer_;
  int count_ = 0;
};

/// What `write` threw of each.
std::vector<std::exception_ptr> write_all(std::vector<Explained>& explained,
                                          const PhotoBatch& batch, const PhotoRun& run) {
  std::vector<std::exception_ptr> faults(explained.size());
  const bool are_many = std::ssize(explained) >= run.threads;
  const int of_each = are_many ? 1 : run.threads;
  side_by_side(explained.size(), are_many ? run.threads : 1, [&](size_t i) {
    if (!explained[i].tree) return;
    try {
      Tree& tree = *explained[i].tree;
      tree.timings_ms["decode"] = batch.decode_ms[i];
      run.write(batch.indexes[i], tree, batch.photos[i], of_each);
    } catch (...) {
      faults[i] = std::current_exception();
    }
  });
  return faults;
}

void tell(std::vector<Explained> explained, const PhotoBatch& batch, const PhotoRun& run) {
  const std::vector<std::exception_ptr> faults = write_all(explained, batch, run);
  for (size_t i = 0; i < explained.size(); ++i) {
    if (!explained[i].tree) {
      run.skip(batch.indexes[i], explained[i].error, false);
      continue;
    }
    if (faults[i]) std::rethrow_exception(faults[i]);
    run.tell(batch.indexes[i], *explained[i].tree, batch.photos[i]);
  }
}

}  // namespace

Decoders decoders_for(const std::string& device, int threads) {
  if (device != "cpu") return {threads};
  if (threads == 1 || threads < process_cores()) return {1};
  return {threads, false};
}

void explain_in_batches(Explainer& explainer, const std::vector<std::string>& paths,
                        const ExplainOptions& question, const PhotoRun& run) {
  PhotoBatches batches(paths, static_cast<size_t>(explainer.batch()), run.decoders, run.turning);
  PhotoBatch told, coming;  // the explainer reads their photographs
  BegunBatches begun(explainer);
  while (std::optional<PhotoBatch> batch = batches.next()) {
    for (const auto& [index, why] : batch->unreadable) run.skip(index, why, true);
    if (run.see) run.see(*batch);
    if (batch->photos.empty()) break;
    coming = std::move(*batch);
    begun.begin(coming, question);
    if (!told.photos.empty()) tell(begun.finish(), told, run);
    told = std::move(coming);
  }
  if (!told.photos.empty()) tell(begun.finish(), told, run);
}

}  // namespace hdecomp::tools
