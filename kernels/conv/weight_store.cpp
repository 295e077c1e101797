/// Entries that live while someone holds what they made.
#include "kernels/conv/weight_store.h"

namespace hdecomp {

std::shared_ptr<const float> WeightStore::get(const Key& key, int64_t bytes, const Fill& fill) {
  const std::shared_ptr<Entry> entry = entry_of(key);
  const std::lock_guard filling(entry->filling);
  {
    const std::lock_guard lock(mutex_);
    if (auto there = entry->floats.lock()) return there;
  }
  const std::shared_ptr<float> made = memory(bytes);
  fill(made.get());
  const std::lock_guard lock(mutex_);
  entry->floats = made;
  return made;
}

std::shared_ptr<const float> WeightStore::get_from(WeightStore* store, const Key& key,
                                                   int64_t bytes, const Fill& fill) {
  WeightStore own;
  return (store != nullptr ? store : &own)->get(key, bytes, fill);
}

std::shared_ptr<WeightStore::Entry> WeightStore::entry_of(const Key& key) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found != entries_.end()) return found->second;
  // Who is filling an entry holds it.
  std::erase_if(entries_, [](const auto& each) {
    return each.second.use_count() == 1 && each.second->floats.expired();
  });
  return entries_[key] = std::make_shared<Entry>();
}

std::shared_ptr<float> WeightStore::memory(int64_t bytes) {
  std::shared_ptr<void> part;
  {
    const std::lock_guard lock(mutex_);
    part = pieces_.take(bytes);
  }
  float* const floats = static_cast<float*>(part.get());
  *bytes_ += bytes;
  return {floats, [part = std::move(part), counted = bytes_, bytes](float*) { *counted -= bytes; }};
}

}  // namespace hdecomp
