/// Marks on CUDA: events in the context's stream.
#include "kernels/core/context_cuda.h"
#include "kernels/core/cuda_backend.h"

namespace hdecomp::cuda {
namespace {

class Event final : public Mark {
 public:
  explicit Event(const Context& context) {
    const cudaStream_t stream = context.cuda().stream();
    HDECOMP_CHECK(cudaEventCreate(event_.out()));
    HDECOMP_CHECK(cudaEventRecord(event_.get(), stream));
  }

  void wait() const override { HDECOMP_CHECK(cudaEventSynchronize(event_.get())); }
  double ms_since(const Mark& earlier) const override {
    float ms = 0;
    HDECOMP_CHECK(
        cudaEventElapsedTime(&ms, static_cast<const Event&>(earlier).event_.get(), event_.get()));
    return ms;
  }

 private:
  Owned<cudaEvent_t, cudaEventDestroy> event_;
};

}  // namespace

std::unique_ptr<Mark> mark(const Context& context) { return std::make_unique<Event>(context); }

}  // namespace hdecomp::cuda
