/// Recording on CUDA: the stream's calls are captured into a graph, which is launched as one.
#include "kernels/core/recording.h"

#include <array>

#include "kernels/core/context_cuda.h"
#include "kernels/core/cuda_backend.h"

namespace hdecomp::cuda {
namespace {

using Graph = Owned<cudaGraph_t, cudaGraphDestroy>;
using Executable = Owned<cudaGraphExec_t, cudaGraphExecDestroy>;

class GraphRecording final : public Recording {
 public:
  GraphRecording(const Context& context, Executable graph)
      : context_(context),
        scratch_{context.cuda().scratch.memory(), context.cuda().factors.memory()},
        graph_(std::move(graph)) {}

  void replay() override { HDECOMP_CHECK(cudaGraphLaunch(graph_.get(), context_.cuda().stream())); }

 private:
  const Context& context_;
  std::array<std::shared_ptr<void>, 2> scratch_;  // what its ops work in
  Executable graph_;
};

/// Marks the context as recording; ends a capture that was left open by an exception.
class Capture {
 public:
  explicit Capture(Context::Cuda& cuda) : cuda_(cuda), stream_(cuda.stream()) {
    // Other threads, with contexts of their own, may go on taking memory meanwhile.
    HDECOMP_CHECK(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal));
    cuda_.recording = true;
  }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;
  ~Capture() {
    if (!cuda_.recording) return;
    cuda_.recording = false;
    Graph unfinished;
    (void)cudaStreamEndCapture(stream_, unfinished.out());
    (void)cudaGetLastError();
  }

  Graph end() {
    cuda_.recording = false;
    Graph graph;
    HDECOMP_CHECK(cudaStreamEndCapture(stream_, graph.out()));
    return graph;
  }

 private:
  Context::Cuda& cuda_;
  cudaStream_t stream_;
};

}  // namespace

std::unique_ptr<Recording> record(const Context& context, const std::function<void()>& body) {
  if (context.cuda().recording) throw Error("record: a recording is being made already");
  Capture capture(context.cuda());
  body();
  const Graph graph = capture.end();
  Executable executable;
  HDECOMP_CHECK(cudaGraphInstantiate(executable.out(), graph.get(), 0));
  return std::make_unique<GraphRecording>(context, std::move(executable));
}

}  // namespace hdecomp::cuda
