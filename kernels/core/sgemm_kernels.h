/// oneDNN's sgemm writes its kernels in its first call, which takes 30 ms with AVX-512
/// (findings/onednn_slow_first_sgemm.sh).
#pragma once

#include <thread>

namespace hdecomp {

/// Has them written aside, once for the process. Who calls sgemm meanwhile waits for them.
class SgemmKernels {
 public:
  void begin();

 private:
  std::jthread writer_;  // whoever is destroyed waits for it
};

}  // namespace hdecomp
