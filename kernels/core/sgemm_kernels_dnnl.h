/// oneDNN's sgemm writes its kernels in its first call, which takes 30 ms with AVX-512.
#pragma once

#include <omp.h>

#include <array>
#include <atomic>
#include <dnnl.hpp>
#include <system_error>
#include <thread>

namespace hdecomp::cpu {

/// Has them written aside, once for the process, while models are planned and images read. Who
/// calls sgemm meanwhile waits for them.
class SgemmKernels {
 public:
  void begin() {
    static std::atomic_flag begun;
    if (begun.test_and_set()) return;
    try {
      writer_ = std::jthread(write);
    } catch (const std::system_error&) {  // no thread can be had: the first call does it
      begun.clear();
    }
  }

 private:
  static void write() noexcept {
    omp_set_num_threads(1);  // of this thread
    constexpr dnnl_dim_t side = 8;
    const std::array<float, side * side> a{}, b{};
    std::array<float, side * side> c;
    dnnl_sgemm('N', 'N', side, side, side, 1, a.data(), side, b.data(), side, 0, c.data(), side);
  }

  std::jthread writer_;  // whoever is destroyed waits for it
};

}  // namespace hdecomp::cpu
