/// The CUDA emulator: captures of streams and the replay of graphs.
#include "tests/backend/cuda_emulator_testing.h"

namespace hdecomp::emulator_testing {
namespace {

TEST_F(CudaEmulator, AGraphReplaysWhatItsCaptureRecorded) {
  const Stream stream, side;
  DeviceVector<float> a({1.0f, 2.0f}), sums({0.0f, 0.0f});
  std::vector<float> out = {-1.0f, -1.0f};
  cudaEvent_t fork = nullptr, join = nullptr;
  cudaEventCreateWithFlags(&fork, cudaEventDisableTiming);
  cudaEventCreateWithFlags(&join, cudaEventDisableTiming);

  ASSERT_EQ(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), cudaSuccess);
  cudaEventRecord(fork, stream);
  cudaStreamWaitEvent(side, fork);
  launch(side, "add_vectors", add_vectors, {1, 32}, a.get(), a.get(), 2, sums.get());
  cudaEventRecord(join, side);
  cudaStreamWaitEvent(stream, join);
  cudaMemcpyAsync(out.data(), sums.get(), 8, cudaMemcpyDeviceToHost, stream);
  EXPECT_TRUE(emulator::capturing(stream));
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  ASSERT_EQ(cudaStreamEndCapture(stream, &graph), cudaSuccess);
  size_t nodes = 0;
  EXPECT_EQ(cudaGraphGetNodes(graph, nullptr, &nodes), cudaSuccess);
  EXPECT_EQ(nodes, 2u);
  ASSERT_EQ(cudaGraphInstantiate(&executable, graph, 0), cudaSuccess);
  EXPECT_THAT(out, ElementsAre(-1.0f, -1.0f));  // recorded, not done

  for (const float x : {3.0f, 4.0f}) {
    a.set({x, 10 * x});
    ASSERT_EQ(cudaGraphLaunch(executable, stream), cudaSuccess);
    ASSERT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
    EXPECT_THAT(out, ElementsAre(2 * x, 20 * x));
  }
  cudaGraphExecDestroy(executable);
  cudaGraphDestroy(graph);
  cudaEventDestroy(fork);
  cudaEventDestroy(join);
}

TEST_F(CudaEmulator, ACallThatNoCaptureAllowsBreaksIt) {
  DeviceVector<float> a({1.0f});
  const auto capture_with = [&](auto call) {
    const Stream stream;
    EXPECT_EQ(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal), cudaSuccess);
    EXPECT_EQ(call(stream), cudaErrorStreamCaptureUnsupported);
    cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
    cudaStreamIsCapturing(stream, &status);
    EXPECT_EQ(status, cudaStreamCaptureStatusInvalidated);
    EXPECT_EQ(cudaMemsetAsync(a.get(), 0, 4, stream), cudaErrorStreamCaptureInvalidated);
    cudaGraph_t graph = nullptr;
    EXPECT_EQ(cudaStreamEndCapture(stream, &graph), cudaErrorStreamCaptureInvalidated);
    EXPECT_EQ(graph, nullptr);
    EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
  };
  float value = 0.0f;
  void* memory = nullptr;
  capture_with([&](cudaStream_t) { return cudaMalloc(&memory, 4); });
  capture_with([&](cudaStream_t) { return cudaFree(a.get()); });
  capture_with(
      [&](cudaStream_t) { return cudaMemcpy(&value, a.get(), 4, cudaMemcpyDeviceToHost); });
  capture_with([&](cudaStream_t stream) { return cudaStreamSynchronize(stream); });
  capture_with([&](cudaStream_t) { return cudaDeviceSynchronize(); });
}

TEST_F(CudaEmulator, AForkThatIsNotJoinedIsAnError) {
  const Stream stream, side;
  DeviceVector<float> a({1.0f});
  cudaEvent_t fork = nullptr;
  cudaEventCreate(&fork);
  ASSERT_EQ(cudaStreamBeginCapture(stream, cudaStreamCaptureModeRelaxed), cudaSuccess);
  cudaEventRecord(fork, stream);
  cudaStreamWaitEvent(side, fork);
  EXPECT_EQ(cudaMemsetAsync(a.get(), 0, 4, side), cudaSuccess);
  cudaGraph_t graph = nullptr;
  EXPECT_EQ(cudaStreamEndCapture(stream, &graph), cudaErrorStreamCaptureUnjoined);
  EXPECT_EQ(cudaStreamSynchronize(side), cudaSuccess);
  cudaEventDestroy(fork);
}

TEST_F(CudaEmulatorFault, InAReplayedGraphShowsAtTheNextSynchronisation) {
  const Stream stream;
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal);
  launch(stream, "write_together", write_together, {1, 2});
  launch(stream, "nothing", nothing, {1, 2});
  cudaStreamEndCapture(stream, &graph);
  cudaGraphInstantiate(&executable, graph, 0);
  const size_t before = emulator::kernels_run();
  EXPECT_EQ(cudaGraphLaunch(executable, stream), cudaSuccess);
  EXPECT_EQ(emulator::kernels_run(), before + 1);
  EXPECT_EQ(cudaStreamSynchronize(stream), cudaErrorLaunchFailure);
  EXPECT_EQ(emulator::faults().size(), 1u);
  emulator::clear_faults();
  cudaGraphExecDestroy(executable);
  cudaGraphDestroy(graph);
}

}  // namespace
}  // namespace hdecomp::emulator_testing
