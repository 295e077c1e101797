/// Rounding, a piece of the floats at a time.
#include "kernels/product/narrow_weights_cpu.h"

#include <algorithm>
#include <mutex>

#include "kernels/core/kept_beside.h"
#include "kernels/core/parallel.h"
#include "kernels/loops/pieces.h"

namespace hdecomp {
namespace {

// Of the floats beside their copy no more than this is in memory: 16 MiB.
constexpr int64_t piece_floats = int64_t{1} << 22;
constexpr int64_t task_floats = int64_t{1} << 16;

}  // namespace

class NarrowWeight {
 public:
  NarrowWeight(const Context& context, const Tensor& weight, const WasRead& was_read)
      : elements(weight.elements()),
        memory_(allocate({}, elements * static_cast<int64_t>(sizeof(cpu::Bf16)))) {
    for (int64_t begin = 0; begin < elements; begin += piece_floats) {
      const int64_t count = std::min(piece_floats, elements - begin);
      fill(context, weight.data() + begin, count, numbers() + begin);
      was_read(weight.data() + begin, count);
    }
  }

  cpu::Bf16* numbers() const { return static_cast<cpu::Bf16*>(memory_.get()); }

  const int64_t elements;

 private:
  static void fill(const Context& context, const float* floats, int64_t count, cpu::Bf16* to) {
    parallel_for(context, pieces(count, task_floats), [&](int64_t task) {
      const int64_t end = std::min((task + 1) * task_floats, count);
#pragma omp simd
      for (int64_t i = task * task_floats; i < end; ++i) to[i] = cpu::rounded_to_bf16(floats[i]);
    });
  }

  Buffer memory_;
};

namespace {

/// Of all models of the process: they lie apart.
struct Kept {
  std::mutex mutex;
  KeptBeside<NarrowWeight> weights;
};

Kept& kept() {
  static Kept all;
  return all;
}

bool reads_narrow(const Context& context) {
  return context.device().kind == DeviceKind::cpu && context.precision() == Precision::bf16;
}

}  // namespace

std::shared_ptr<const NarrowWeight> keep_narrow(const Context& context, const Tensor& weight,
                                                const WasRead& was_read) {
  {
    const std::lock_guard lock(kept().mutex);
    if (auto there = kept().weights.of(weight)) return there;
  }
  auto made = std::make_shared<const NarrowWeight>(context, weight, was_read);
  const std::lock_guard lock(kept().mutex);
  kept().weights.put(weight, made);
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
  const auto [whole, first] = kept().weights.find(weight.data(), weight.elements());
  return whole ? whole->numbers() + first : nullptr;
}

}  // namespace hdecomp
