/// Marks on CUDA: events in the context's stream.
#include "kernels/core/context_cuda.h"
#include "kernels/core/cuda_backend.h"

namespace hdecomp::cuda {
namespace {

class Event final : public Mark {
 public:
  Event(const Context& context, cudaStream_t stream) : context_(context) {
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
  void hold_ops() const override { hold(context_.cuda().stream()); }
  void hold(cudaStream_t stream) const {
    HDECOMP_CHECK(cudaStreamWaitEvent(stream, event_.get(), 0));
  }

 private:
  const Context& context_;
  Owned<cudaEvent_t, cudaEventDestroy> event_;
};

}  // namespace

std::unique_ptr<Mark> mark(const Context& context) {
  return std::make_unique<Event>(context, context.cuda().stream());
}

std::unique_ptr<Mark> copy_aside(const Context& context, const void* from, void* to,
                                 int64_t bytes) {
  const cudaStream_t aside = context.cuda().copy_stream();
  Event(context, context.cuda().stream()).hold(aside);
  HDECOMP_CHECK(cudaMemcpyAsync(to, from, static_cast<size_t>(bytes), cudaMemcpyDefault, aside));
  return std::make_unique<Event>(context, aside);
}

}  // namespace hdecomp::cuda
