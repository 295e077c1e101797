/// PatchStore: content and log, and the loop that fills them.
#include <algorithm>
#include <filesystem>
#include <optional>

#include "hdecomp/error.h"
#include "hdecomp/patches.h"
#include "runtime/experiments/image_share.h"
#include "runtime/experiments/plan_parts.h"
#include "runtime/patches/patch_bytes.h"
#include "runtime/patches/patch_content.h"
#include "runtime/patches/patch_log.h"
#include "runtime/results/packed_bytes.h"

namespace hdecomp {
namespace {

bool is_there(const std::string& path) {
  std::error_code fault;
  return std::filesystem::exists(path, fault);
}

}  // namespace

struct PatchStore::Impl {
  Impl(std::string where, const PatchPlan& plan) : path(std::move(where)), content(plan) {}

  void begin(const PatchNews& first) {
    log = PatchLog::create(path + partial, packed_parts(parts_of(content.plan)));
    if (first.images.empty()) return;
    log->append(packed(first));
    content.add(first);
  }

  void go_on() {
    const std::string name = path + partial;
    const auto check = [&](std::span<const uint8_t> head) {
      require_same(name, reading_packed(name, [&] { return unpacked_parts(head); }),
                   parts_of(content.plan));
    };
    const auto take = [&](std::span<const uint8_t> record) {
      reading_packed(name, [&] { content.add(unpacked_news(record)); });
    };
    log = PatchLog::resume(name, check, take);
  }

  static constexpr const char* partial = ".partial";
  std::string path;
  PatchContent content;
  std::optional<PatchLog> log;
};

PatchStore::PatchStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PatchStore::~PatchStore() = default;
PatchStore::PatchStore(PatchStore&&) noexcept = default;
PatchStore& PatchStore::operator=(PatchStore&&) noexcept = default;

PatchStore PatchStore::open(const std::string& path, const PatchPlan& plan, bool resume) {
  auto impl = std::make_unique<Impl>(path, plan);
  const bool whole = is_there(path), begun = is_there(path + Impl::partial);
  if (whole && !resume) {
    throw UserError(
        joined(path, ": is there; give --resume to go on with it, or --output another name"));
  }
  if (begun && resume) {
    impl->go_on();
  } else if (whole) {
    const PatchContent earlier = read_patches(path);
    require_same(path, parts_of(earlier.plan), parts_of(plan));
    impl->begin(earlier.as_news());
  } else {
    impl->begin({});
  }
  return PatchStore(std::move(impl));
}

const PatchPlan& PatchStore::plan() const { return impl_->content.plan; }

std::vector<ImageState> PatchStore::states() const {
  std::vector<ImageState> states;
  for (const PatchImage& image : impl_->content.images) states.push_back(image.state);
  return states;
}

int64_t PatchStore::count(ImageState state) const {
  return std::ranges::count(impl_->content.images, state, &PatchImage::state);
}

const BestPatches& PatchStore::best(size_t layer) const { return impl_->content.best.at(layer); }

void PatchStore::take(const PatchNews& news) {
  impl_->log->append(packed(news));
  impl_->content.add(news);
}

void PatchStore::finish() {
  write_patches(impl_->path, impl_->content);
  impl_->log->remove();
}

void PatchStore::give_up() { impl_->log->remove(); }

void run_patches(PatchFinder& finder, PatchStore* store, const Ranks& ranks,
                 const DatasetRun& run) {
  if ((store != nullptr) != (ranks.rank() == 0)) throw Error("the first rank has the patches");
  const ImageShare share(ranks, run,
                         store != nullptr ? store->states() : std::vector<ImageState>());
  const auto look = [&](const PhotoBatch& batch) {
    std::vector<int32_t> numbers;
    for (const size_t i : batch.indexes) {
      numbers.push_back(static_cast<int32_t>(share.image_of(i)));
    }
    PatchNews news = finder.look(batch.photos, numbers);
    for (const auto& [index, why] : batch.unreadable) {
      news.images.push_back(
          {static_cast<int32_t>(share.image_of(index)), ImageState::unreadable, -1, 0, why});
    }
    return news;
  };
  const auto keep = [&](const PatchNews& news) {
    for (const PatchImage& image : news.images) {
      if (image.state != ImageState::measured && run.skipped) run.skipped(image.image, image.error);
    }
    store->take(news);
    return std::ssize(news.images);
  };
  share.work(finder.batch(), look, packed, unpacked_news, keep);
}

}  // namespace hdecomp
