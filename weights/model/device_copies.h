/// DeviceCopies: a model's copies in GPUs' memory, one for all who compute with it there.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>

namespace hdecomp {

struct ModelData;

/// Any threads may use it at once.
class DeviceCopies {
 public:
  using Copy = std::shared_ptr<const ModelData>;

  /// Of the GPU of that number: the one that someone holds, else what `make` returns.
  Copy get(int gpu, const std::function<Copy()>& make) {
    const std::lock_guard lock(mutex_);
    std::weak_ptr<const ModelData>& there = there_[gpu];
    if (Copy held = there.lock()) return held;
    const Copy made = make();
    there = made;
    return made;
  }

 private:
  std::mutex mutex_;
  std::map<int, std::weak_ptr<const ModelData>> there_;
};

}  // namespace hdecomp
