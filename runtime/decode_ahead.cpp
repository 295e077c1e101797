/// A bounded queue between the decoder's thread and the one that uses the images.
#include "hdecomp/decode_ahead.h"

#include <condition_variable>
#include <mutex>
#include <queue>
#include <stop_token>

#include "hdecomp/stopwatch.h"

namespace hdecomp {

Decoded decode(const std::string& path) {
  const Stopwatch watch;
  Image photo = Image::load(path);
  return {std::move(photo), watch.ms(), nullptr};
}

namespace {

/// decode(), with a fault kept for the thread that will want the image.
Decoded try_decode(const std::string& path) {
  try {
    return decode(path);
  } catch (...) {
    Decoded failed;
    failed.fault = std::current_exception();
    return failed;
  }
}

}  // namespace

class DecodeAhead::Queue {
 public:
  Queue(std::vector<std::string> paths, size_t look_ahead)
      : paths_(std::move(paths)), look_ahead_(look_ahead) {}

  /// The decoder's thread. Room is waited for before an image is decoded, not after: one that waits
  /// in hand would be one more in memory.
  void fill(const std::stop_token& stop) {
    for (const std::string& path : paths_) {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [&] { return ready_.size() < look_ahead_; })) return;
      lock.unlock();
      Decoded decoded = try_decode(path);
      lock.lock();
      ready_.push(std::move(decoded));
      lock.unlock();
      changed_.notify_all();
    }
  }

  std::optional<Decoded> take() {
    if (taken_ == paths_.size()) return std::nullopt;
    ++taken_;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !ready_.empty(); });
    Decoded decoded = std::move(ready_.front());
    ready_.pop();
    lock.unlock();
    changed_.notify_all();
    return decoded;
  }

 private:
  const std::vector<std::string> paths_;
  const size_t look_ahead_;
  size_t taken_ = 0;  // of the taking thread alone
  std::mutex mutex_;  // guards ready_
  std::condition_variable_any changed_;
  std::queue<Decoded> ready_;
};

DecodeAhead::DecodeAhead(std::vector<std::string> paths, size_t look_ahead)
    : queue_(std::make_unique<Queue>(std::move(paths), look_ahead)),
      decoder_([queue = queue_.get()](const std::stop_token& stop) { queue->fill(stop); }) {}
DecodeAhead::~DecodeAhead() = default;
DecodeAhead::DecodeAhead(DecodeAhead&&) noexcept = default;

std::optional<Decoded> DecodeAhead::next() { return queue_->take(); }

}  // namespace hdecomp
