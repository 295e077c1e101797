/// WeightStore: weights brought to the layouts that kernels like best, one copy for all plans over
/// them.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "kernels/core/large_pieces.h"

namespace hdecomp {

/// Any threads may use it at once. What it gives may outlive it.
class WeightStore {
 public:
  WeightStore() = default;
  WeightStore(const WeightStore&) = delete;
  WeightStore& operator=(const WeightStore&) = delete;

  /// Where a weight lies, and words that say all of what `fill` makes of it. While anyone holds
  /// what is made, the weight must stay where it is and as it is.
  using Key = std::pair<const float*, std::vector<int64_t>>;
  using Fill = std::function<void(float* to)>;

  /// `bytes` bytes, 64-byte aligned, filled once and freed with the last who holds them. A thread
  /// that asks for what another one is filling waits for it. Throws what `fill` throws, and holds
  /// nothing then.
  std::shared_ptr<const float> get(const Key& key, int64_t bytes, const Fill& fill);
  /// The same of a store that may be null: then nobody shares it.
  static std::shared_ptr<const float> get_from(WeightStore* store, const Key& key, int64_t bytes,
                                               const Fill& fill);

  /// Of all that is held.
  int64_t bytes() const { return *bytes_; }

 private:
  struct Entry {
    std::mutex filling;
    std::weak_ptr<const float> floats;  // guarded by the store's mutex
  };

  std::shared_ptr<Entry> entry_of(const Key& key);
  std::shared_ptr<float> memory(int64_t bytes);

  std::mutex mutex_;
  std::map<Key, std::shared_ptr<Entry>> entries_;
  LargePieces pieces_;
  std::shared_ptr<std::atomic<int64_t>> bytes_ = std::make_shared<std::atomic<int64_t>>(0);
};

}  // namespace hdecomp
