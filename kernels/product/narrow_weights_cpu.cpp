/// The list of what is kept, by address.
#include "kernels/product/narrow_weights_cpu.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "kernels/core/parallel.h"
#include "kernels/core/pieces.h"

namespace hdecomp {
namespace {

// Of the floats beside their copy no more than this is in memory: 16 MiB.
constexpr int64_t piece_floats = int64_t{1} << 22;
constexpr int64_t task_floats = int64_t{1} << 16;

}  // namespace

class NarrowWeight : public std::enable_shared_from_this<NarrowWeight> {
 public:
  NarrowWeight(const Context& context, const Tensor& weight, const WasRead& was_read)
      : floats_(weight.data()),
        count_(weight.elements()),
        memory_(allocate({}, count_ * static_cast<int64_t>(sizeof(cpu::Bf16)))) {
    for (int64_t begin = 0; begin < count_; begin += piece_floats) {
      const int64_t count = std::min(piece_floats, count_ - begin);
      fill(context, begin, count);
      was_read(floats_ + begin, count);
    }
  }
  ~NarrowWeight();
  NarrowWeight(const NarrowWeight&) = delete;
  NarrowWeight& operator=(const NarrowWeight&) = delete;

  /// Of these floats; null where one is not in it.
  const cpu::Bf16* of(const float* first, int64_t count) const {
    if (first < floats_ || first + count > floats_ + count_) return nullptr;
    return numbers() + (first - floats_);
  }
  bool is_of(const Tensor& weight) const {
    return weight.data() == floats_ && weight.elements() == count_;
  }

 private:
  cpu::Bf16* numbers() const { return static_cast<cpu::Bf16*>(memory_.get()); }

  void fill(const Context& context, int64_t begin, int64_t count) {
    parallel_for(context, pieces(count, task_floats), [&](int64_t task) {
      const int64_t from = begin + task * task_floats;
      const int64_t some = std::min(task_floats, begin + count - from);
      const float* floats = floats_ + from;
      cpu::Bf16* to = numbers() + from;
#pragma omp simd
      for (int64_t i = 0; i < some; ++i) to[i] = cpu::rounded_to_bf16(floats[i]);
    });
  }

  const float* floats_;
  int64_t count_;
  Buffer memory_;
};

namespace {

/// Of all models of the process: they lie apart.
struct Kept {
  std::mutex mutex;
  std::map<const float*, const NarrowWeight*> by_address;
};

Kept& kept() {
  static Kept all;
  return all;
}

bool reads_narrow(const Context& context) {
  return context.device().kind == DeviceKind::cpu && context.precision() == Precision::bf16;
}

}  // namespace

NarrowWeight::~NarrowWeight() {
  const std::lock_guard lock(kept().mutex);
  const auto entry = kept().by_address.find(floats_);
  if (entry != kept().by_address.end() && entry->second == this) kept().by_address.erase(entry);
}

std::shared_ptr<const NarrowWeight> keep_narrow(const Context& context, const Tensor& weight,
                                                const WasRead& was_read) {
  {
    const std::lock_guard lock(kept().mutex);
    const auto entry = kept().by_address.find(weight.data());
    if (entry != kept().by_address.end() && entry->second->is_of(weight)) {
      if (auto there = entry->second->weak_from_this().lock()) return there;  // else it is going
    }
  }
  const auto made = std::make_shared<const NarrowWeight>(context, weight, was_read);
  const std::lock_guard lock(kept().mutex);
  kept().by_address[weight.data()] = made.get();
  return made;
}

Tensor as_multiplied(const Context& context, const Tensor& weight) {
  const cpu::Bf16* narrow = cpu::find_narrow(context, weight);
  if (narrow == nullptr) return borrowed(weight);
  Tensor floats(Device{}, weight.shape());
  std::copy_n(narrow, weight.elements(), floats.data());
  return floats;
}

const cpu::Bf16* cpu::find_narrow(const Context& context, const Tensor& weight) {
  if (!reads_narrow(context)) return nullptr;
  const std::lock_guard lock(kept().mutex);
  const auto behind = kept().by_address.upper_bound(weight.data());
  if (behind == kept().by_address.begin()) return nullptr;
  return std::prev(behind)->second->of(weight.data(), weight.elements());
}

}  // namespace hdecomp
