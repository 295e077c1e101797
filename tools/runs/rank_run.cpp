/// Ranks of a run: their devices, threads and words.
#include "tools/runs/rank_run.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>

#include "hdecomp/cores.h"
#include "hdecomp/error.h"
#include "hdecomp/explainer.h"
#include "tools/console/complaint.h"
#include "tools/images/skipped_images.h"
#include "tools/runs/session.h"

namespace hdecomp::tools {
namespace {

/// mpirun binds a rank to one core, or a few, unless it is told not to: its threads share them
/// then.
void warn_of_binding(const Ranks& ranks, int threads) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  const auto all = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  const int cores = CPU_COUNT(&allowed), wanted = threads > 0 ? threads : ranks.threads(all);
  if (cores >= wanted) return;
  complain(joined("each rank is bound to ", cores, " of this machine's ", all,
                  " cores where it could "
                  "use ",
                  wanted, "; give mpirun --bind-to none"));
}

}  // namespace

void on_ranks(const std::function<void(const Ranks& ranks)>& work) {
  const Ranks ranks;
  if (ranks.count() == 1) return work(ranks);
  try {
    work(ranks);
  } catch (const std::exception& fault) {  // the other ranks would wait for this one
    const bool of_user = dynamic_cast<const UserError*>(&fault) != nullptr;
    ranks.abort(complain_at_last(fault.what(), of_user ? 2 : 1));
  }
}

CommonOptions common_of_rank(const CommonOptions& common, const Ranks& ranks) {
  CommonOptions own = common;
  if (ranks.count() == 1) return own;
  own.device = device_of_rank(own.device, ranks.on_machine(), gpu_devices());
  if (ranks.rank() == 0) warn_of_binding(ranks, own.threads);
  // Of bound ranks each has its share already.
  if (own.threads == 0) own.threads = std::min(usable_cores(), ranks.threads(machine_cores()));
  return own;
}

int batch_of_rank(const CommonOptions& common, const Ranks& ranks, int batch, size_t images) {
  const int suited = batch_for(common, batch, images);
  const bool free = batch == 0 && ranks.count() > 1 && device_of(common) == "cpu";
  return free ? std::min(suited, threads_of(common)) : suited;
}

ToldRun::ToldRun(const std::vector<ListedImage>& images, const CommonOptions& common, int64_t todo,
                 std::vector<std::string> regions, const char* what)
    : progress_(what, todo) {
  run_.paths = paths_of(images);
  for (const ListedImage& image : images) {
    run_.labels.push_back(static_cast<int32_t>(image.label));
  }
  run_.regions = std::move(regions);
  run_.decoders = decoders_for(common);
  run_.turning = turning(common);
  run_.turned = [this, &images](int64_t i) { turned_.count(images[i].path); };
  run_.skipped = [this, &images](int64_t i, const std::string& why) {
    progress_.clear();
    complain_of(images[i], why);
  };
  run_.progress = [this](int64_t done, int64_t) { progress_.reach(done); };
}

}  // namespace hdecomp::tools
