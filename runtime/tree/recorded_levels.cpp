/// Recording and replaying the levels of trees; which recordings are kept.
#include "runtime/tree/recorded_levels.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "kernels/core/copy.h"

namespace hdecomp {
namespace {

constexpr int64_t max_results = int64_t{1} << 26;  // elements of a level's (D, C): 256 MiB

}  // namespace

RecordedLevels::RecordedLevels(WindowExecutor& windows, const TreeQuestion& question, int64_t batch)
    : windows_(windows), question_(question), roots_(take_tensor<Place>(windows.pool(), {batch})) {
  int64_t decisions = batch, bytes = 0;
  for (size_t l = 0; l < question_.levels.size(); ++l) {
    shapes_.push_back(level_shape(windows_.graph(), question_.step(l), decisions));
    bytes += shapes_.back().bytes();
    decisions *= shapes_.back().choices;
  }
  memory_ = take_tensor<std::byte>(windows_.pool(), {bytes});
  int64_t begin = 0;
  for (size_t l = 0; l < shapes_.size(); ++l) {
    levels_.push_back(lay_out(shapes_[l], memory_.device(), memory_.data() + begin));
    begin += shapes_[l].bytes();
    take_maps(windows_, question_.step(l), shapes_[l], levels_[l]);
  }
}

bool RecordedLevels::fits(const Graph& graph, const TreeQuestion& question, int64_t batch) {
  int64_t decisions = batch;
  for (const int to : question.levels) {
    const int64_t channels = graph.shapes[to].channels;
    if (decisions > max_results / channels) return false;
    decisions *= std::min<int64_t>(question.top, channels);
  }
  return true;
}

int64_t RecordedLevels::bytes() const {
  int64_t bytes = memory_.elements();
  for (const GapLevel& level : levels_) {
    bytes += level.maps.elements() * static_cast<int64_t>(sizeof(float));
  }
  return bytes;
}

void RecordedLevels::run_levels() {
  std::span<const Neuron> decisions = roots_.span();
  for (size_t l = 0; l < levels_.size(); ++l) {
    gap_level(windows_, question_.step(l), decisions, levels_[l]);
    decisions = levels_[l].next.span();
  }
}

void RecordedLevels::upload(const std::vector<ValuedNeuron>& roots) {
  PlaceTensor host({}, roots_.shape());
  std::ranges::fill(host.span(), Neuron{0, 0, 0, -1});
  for (const ValuedNeuron& root : roots) {
    if (root.row < 0 || root.row >= host.elements()) {
      throw Error(joined("a root in row ", root.row, " of ", host.elements()));
    }
    if (root.value > 0) host.data()[root.row] = root.neuron;  // Eq. 1
  }
  copy(windows_.context(), host, roots_);
  windows_.context().finish();
}

StartedLevels RecordedLevels::start() {
  const Context& context = windows_.context();
  StartedLevels started;
  if (copied_) copied_->hold_ops();  // the levels' memory may still be on its way to the host
  started.begun = mark(context);
  if (recording_) {
    recording_->replay();
  } else {
    // The first run makes the plans, and leaves the spare memory, that a recording must find. It is
    // recorded at once, before anyone else takes that memory from the pool. Where memory ran short
    // some of it is gone again: then the next run tries.
    const int64_t shortages = windows_.pool().shortages();
    run_levels();
    if (windows_.pool().shortages() == shortages)
      recording_ = record(
          context, [this] { run_levels(); }, &windows_.pool());
  }
  started.copied = copy_to_host(windows_, levels_, shapes_, memory_);
  copied_ = started.copied.done;
  return started;
}

TreeRecordings::TreeRecordings(WindowExecutor& windows, int64_t batch)
    : TreeRecordings(windows, batch, Limits{}) {}

TreeRecordings::TreeRecordings(WindowExecutor& windows, int64_t batch, const Limits& limits)
    : windows_(windows), batch_(batch), limits_(limits) {
  windows_.pool().on_shortage([this] { drop_unused(); });
}

TreeRecordings::~TreeRecordings() { windows_.pool().on_shortage(nullptr); }

std::shared_ptr<RecordedLevels> TreeRecordings::of(const TreeQuestion& question) {
  if (!question.unattended() || !RecordedLevels::fits(windows_.graph(), question, batch_)) {
    return nullptr;
  }
  Kind kind{question.levels,    question.from,     question.top,
            question.keep_maps, question.baseline, question.means};
  const auto found = std::ranges::find(entries_, kind, &Entry::kind);
  if (found != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, found);
  } else {
    // Made before it is entered: others may go for its memory.
    auto made = std::make_shared<RecordedLevels>(windows_, question, batch_);
    entries_.push_front({std::move(kind), std::move(made)});
    keep_limits();
  }
  return entries_.front().recorded;
}

/// Recordings that no TreeRun is at; their memory is spare then.
void TreeRecordings::drop_unused() {
  std::erase_if(entries_, [](const Entry& entry) { return entry.recorded.use_count() == 1; });
}

void TreeRecordings::keep_limits() {
  const auto bytes = [&] {
    int64_t sum = 0;
    for (const Entry& entry : entries_) sum += entry.recorded->bytes();
    return sum;
  };
  while (entries_.size() > 1 && (entries_.size() > limits_.count || bytes() > limits_.bytes)) {
    entries_.pop_back();
  }
}

}  // namespace hdecomp
