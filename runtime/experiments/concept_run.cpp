/// ConceptRun: two times over the images.
#include <algorithm>

#include "hdecomp/concept_search.h"
#include "hdecomp/error.h"
#include "hdecomp/stopwatch.h"
#include "runtime/experiments/concept_partial.h"
#include "runtime/experiments/image_share.h"
#include "runtime/results/packed_bytes.h"

namespace hdecomp {
namespace {

/// Of an image that a rank went over: why it does not count, empty where it does.
struct Gone {
  int64_t image;
  std::string why;
};

/// What a rank hands over: images, and what they add to the counts; the first rank's are counted.
struct ConceptNews {
  std::vector<Gone> images;
  std::vector<uint8_t> counts;

  static std::vector<uint8_t> pack(const ConceptNews& news) {
    PackedBytes out;
    out.put_list(news.counts);
    for (const Gone& one : news.images) {
      out.put(one.image);
      out.put_list(one.why);
    }
    return out.take_bytes();
  }
  static ConceptNews unpack(const std::vector<uint8_t>& bytes) {
    PackedReader in(bytes);
    ConceptNews news;
    in.take_list(news.counts);
    while (!in.at_end()) {
      Gone& one = news.images.emplace_back();
      in.take(one.image);
      in.take_list(one.why);
    }
    return news;
  }
};

using Time = ConceptTime;

}  // namespace

struct ConceptRun::Impl {
  bool leads() const { return ranks.rank() == 0; }

  void keep() { partial.keep({time, states, thresholds, search.counts()}); }

  /// What an earlier run kept.
  void go_on() {
    ConceptsKnown known = partial.take_up(states.size());
    time = known.time;
    states = std::move(known.states);
    thresholds = std::move(known.thresholds);
    if (time == Time::second) search.begin_overlaps(thresholds);
    search.add_counts(known.counts);
  }

  /// From the first time to the second; images that do not count are left out.
  void turn() {
    if (search.images() == 0) {
      partial.remove();
      throw UserError("not one of the images could be counted");
    }
    thresholds = search.thresholds();
    search.begin_overlaps(thresholds);
    time = Time::second;
    for (ImageState& state : states) {
      state = state == ImageState::measured ? ImageState::pending : ImageState::undecided;
    }
    keep();
  }

  /// As ImageShare takes them: what is not measured is to be.
  std::vector<ImageState> shared_states() const {
    std::vector<ImageState> shared = states;
    std::ranges::replace(shared, ImageState::undecided, ImageState::measured);
    return shared;
  }

  ConceptNews look(const ImageShare& share, const DatasetRun& run, const PhotoBatch& batch) {
    std::vector<std::string> regions;
    for (const size_t index : batch.indexes) {
      regions.push_back(run.regions.at(share.image_of(index)));
    }
    const std::vector<std::string> faults = search.add(batch.photos, regions);
    for (size_t i = 0; i < faults.size(); ++i) {
      waiting.images.push_back({share.image_of(batch.indexes[i]), faults[i]});
    }
    for (const auto& [index, why] : batch.unreadable) {
      waiting.images.push_back({share.image_of(index), why});
    }
    gone += batch.photos.size() + batch.unreadable.size();
    const bool is_last = gone == share.own();
    if (!leads() && !is_last && since_handed.ms() < 1000 * options.pause) return {};
    if (!leads()) waiting.counts = search.take_counts();
    since_handed = Stopwatch();
    return std::exchange(waiting, {});
  }

  int64_t take(const ConceptNews& news, const DatasetRun& run) {
    if (news.images.empty()) return 0;
    if (!news.counts.empty()) search.add_counts(news.counts);
    for (const auto& [image, why] : news.images) {
      states.at(image) = why.empty() ? ImageState::measured : ImageState::unreadable;
      if (why.empty()) continue;
      if (run.skipped) run.skipped(image, why);
      if (time == Time::second) {
        throw UserError("images or segmentations changed while they were read, as told above");
      }
    }
    if (since_kept.ms() >= pause_ms) {
      const Stopwatch keeping;
      keep();
      // What is kept may be large and the disk slow: at most about 1 / 20 of the time goes there.
      if (options.pause > 0) pause_ms = std::max(1000 * options.pause, 20 * keeping.ms());
      since_kept = Stopwatch();
    }
    return std::ssize(news.images);
  }

  ConceptSearch& search;
  const Ranks& ranks;
  Options options;
  ConceptPartial partial;          // of the first rank
  std::vector<ImageState> states;  // of the first rank; undecided: not of the second time
  Time time = Time::first;
  bool begun = false;                    // next() was called
  std::vector<uint8_t> thresholds = {};  // of the second time
  ConceptNews waiting = {};              // of this rank, to be handed over
  size_t gone = 0;                       // images of this rank, this time
  Stopwatch since_handed = {}, since_kept = {};
  double pause_ms = 1000 * options.pause;  // before what is known is kept again
};

ConceptRun::ConceptRun(ConceptSearch& search, const Ranks& ranks, const Options& options,
                       std::vector<std::pair<std::string, std::string>> plan, size_t images)
    : impl_(new Impl{search,
                     ranks,
                     options,
                     {options.path + ".partial", std::move(plan)},
                     std::vector<ImageState>(images, ImageState::pending)}) {
  if (!impl_->leads()) return;
  const bool is_there = impl_->partial.is_there();
  if (is_there && !options.resume) {
    throw UserError(joined(impl_->partial.path(),
                           ": an earlier run's; give --resume to go on with it, or remove it"));
  }
  is_there ? impl_->go_on() : impl_->keep();
}
ConceptRun::~ConceptRun() = default;

bool ConceptRun::next() {
  Impl& impl = *impl_;
  if (impl.leads() && impl.begun) {
    impl.time == Time::first ? impl.turn() : void(impl.time = Time::over);
  }
  PackedBytes out;
  out.put(impl.time);
  out.put_list(impl.thresholds);
  const std::vector<uint8_t> told = impl.ranks.from_first(out.take_bytes());
  PackedReader in(told);
  in.take(impl.time);
  const bool has_thresholds = !impl.thresholds.empty();
  in.take_list(impl.thresholds);
  if (impl.time == Time::second && !has_thresholds) {  // of another rank than the first
    impl.search.begin_overlaps(impl.thresholds);
  }
  impl.begun = true;
  impl.gone = 0;
  return impl.time != Time::over;
}

bool ConceptRun::is_second() const { return impl_->time == Time::second; }

int64_t ConceptRun::todo() const {
  return std::ranges::count_if(impl_->states, [](ImageState state) {
    return state != ImageState::measured && state != ImageState::undecided;
  });
}

void ConceptRun::go_over(const DatasetRun& given) {
  Impl& impl = *impl_;
  DatasetRun run = given;
  if (is_second()) run.turned = nullptr;  // they were told of
  const ImageShare share(impl.ranks, run,
                         impl.leads() ? impl.shared_states() : std::vector<ImageState>());
  impl.since_handed = Stopwatch();
  share.work(
      impl.search.batch(), [&](const PhotoBatch& batch) { return impl.look(share, run, batch); },
      ConceptNews::pack, ConceptNews::unpack,
      [&](const ConceptNews& news) { return impl.take(news, run); });
}

int64_t ConceptRun::finish(const std::string& model_sha256) {
  impl_->search.save(impl_->options.path, model_sha256);
  impl_->partial.remove();
  return std::ranges::count(impl_->states, ImageState::undecided);
}

}  // namespace hdecomp
