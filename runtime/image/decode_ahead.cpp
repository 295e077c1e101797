/// A bounded queue between the decoders' threads, or the caller's own, and who uses the images.
#include "hdecomp/decode_ahead.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <utility>

#include "hdecomp/stopwatch.h"
#include "kernels/core/parallel.h"
#include "weights/file/file_descriptor.h"

namespace hdecomp {

Decoded decode(const std::string& path, Turning turning) {
  const Stopwatch watch;
  Image photo = Image::load(path);
  if (turning == Turning::upright) photo = upright(std::move(photo));
  return {std::move(photo), watch.ms(), nullptr};
}

namespace {

/// decode(), with a fault kept for the thread that will want the image.
Decoded try_decode(const std::string& path, Turning turning) {
  try {
    return decode(path, turning);
  } catch (...) {
    Decoded failed;
    failed.fault = std::current_exception();
    return failed;
  }
}

/// Has the system read a file that will be wanted; nothing where it can't be opened, or is none.
void will_want(const std::string& path) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat about;
  if (!file.is_open() || fstat(file.number(), &about) != 0 || !S_ISREG(about.st_mode)) return;
  posix_fadvise(file.number(), 0, 0, POSIX_FADV_WILLNEED);
}

}  // namespace

class DecodeAhead::Queue {
 public:
  Queue(std::vector<std::string> paths, size_t look_ahead, const Decoders& decoders,
        Turning turning)
      : paths_(std::move(paths)),
        turning_(turning),
        places_(std::min(std::max(look_ahead, size_t{1}), paths_.size())) {
    if (!decoders.beside) callers_.emplace(Device{}, decoders.threads);
  }

  /// A decoder's thread. Room is waited for before an image is decoded, not after: one that waits
  /// in hand would be one more in memory. Takes no memory but for the image, whose fault it is if
  /// there is none: what a thread throws would end the program.
  void fill(const std::stop_token& stop) {
    const auto room = [&] {
      return claimed_ == paths_.size() || claimed_ < handed_out_ + places_.size();
    };
    for (;;) {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, room) || claimed_ == paths_.size()) return;
      const size_t index = claimed_++;
      lock.unlock();
      Decoded decoded = try_decode(paths_[index], turning_);
      lock.lock();
      place(index) = std::move(decoded);
      lock.unlock();
      changed_.notify_all();
    }
  }

  std::optional<Decoded> take() {
    std::unique_lock lock(mutex_);
    if (handed_out_ == paths_.size()) return std::nullopt;
    if (callers_ && handed_out_ == claimed_) fill_places();
    changed_.wait(lock, [&] { return place(handed_out_).has_value(); });
    std::optional<Decoded> decoded = std::exchange(place(handed_out_), std::nullopt);
    ++handed_out_;
    lock.unlock();
    changed_.notify_all();
    return decoded;
  }

 private:
  /// On the caller's threads, all places at once.
  void fill_places() {
    const size_t begin = claimed_;
    claimed_ = std::min(begin + places_.size(), paths_.size());
    parallel_for(*callers_, static_cast<int64_t>(claimed_ - begin), [&](int64_t i) {
      const size_t index = begin + static_cast<size_t>(i);
      place(index) = try_decode(paths_[index], turning_);
    });
    const size_t next = std::min(claimed_ + places_.size(), paths_.size());
    for (size_t index = claimed_; index < next; ++index) will_want(paths_[index]);
  }

  /// Images that are claimed and not handed out are fewer than places.
  std::optional<Decoded>& place(size_t index) { return places_[index % places_.size()]; }

  const std::vector<std::string> paths_;
  const Turning turning_;
  std::optional<Context> callers_;  // where there are no threads beside
  std::mutex mutex_;                // guards what follows
  std::condition_variable_any changed_;
  size_t claimed_ = 0, handed_out_ = 0;
  std::vector<std::optional<Decoded>> places_;  // of decoded images, as many as are looked ahead
};

DecodeAhead::DecodeAhead(std::vector<std::string> paths, size_t look_ahead, Decoders decoders,
                         Turning turning)
    : queue_(std::make_unique<Queue>(std::move(paths), look_ahead, decoders, turning)) {
  for (int i = 0; decoders.beside && i < decoders.threads; ++i) {
    decoders_.emplace_back(
        [queue = queue_.get()](const std::stop_token& stop) { queue->fill(stop); });
  }
}
DecodeAhead::~DecodeAhead() = default;
DecodeAhead::DecodeAhead(DecodeAhead&&) noexcept = default;

std::optional<Decoded> DecodeAhead::next() { return queue_->take(); }

}  // namespace hdecomp
