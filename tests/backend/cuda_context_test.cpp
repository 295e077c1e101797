/// The CUDA backend's context: recordings, errors and their words, contexts in threads, what is
/// given back.
#include <thread>

#include "kernels/core/recording.h"
#include "tests/backend/cuda_backend_testing.h"
#include "weights/model/device_model.h"

namespace hdecomp::op_testing {
namespace {

/// In this program alone.
[[maybe_unused]] const bool set = gpu_must_be_there = true;

/// Undoes what a test did to the emulated machine.
class CudaContext : public ::testing::Test {
 protected:
  void TearDown() override {
    emulator::set_device_count(1);
    emulator::fail_next_malloc(0, 0);
    emulator::clear_faults();
  }
};

TEST_F(CudaContext, ARecordingReplaysWithWhatItsInputHoldsThen) {
  for (const Precision precision : {Precision::float32, Precision::bf16}) {
    const Context cuda(gpu, 1, precision);
    const SmallNet net(cuda, SmallNet());
    const auto plan = net.plan(cuda, 2);
    Tensor x = to_gpu(cuda, random_tensor({2, 3, 13, 11}, 1));
    plan->run(x);
    const std::vector<Tensor> first = outputs_of(cuda, *plan);
    const auto recording = record(cuda, [&] { plan->run(x); });
    for (const uint64_t seed : {2, 1}) {
      copy(cuda, random_tensor({2, 3, 13, 11}, seed), x);
      recording->replay();
      const std::vector<Tensor> replayed = outputs_of(cuda, *plan);
      plan->run(x);
      const std::vector<Tensor> again = outputs_of(cuda, *plan);
      for (int i = 0; i < SmallNet::outputs; ++i) {
        EXPECT_TRUE(same_bits(replayed[i], again[i])) << "step " << i;
        EXPECT_EQ(static_cast<bool>(same_bits(replayed[i], first[i])), seed == 1) << "step " << i;
      }
    }
  }
}

TEST_F(CudaContext, ContextsOfAGpuShareAModelsCopyWhileOneHoldsIt) {
  auto host = std::make_shared<ModelData>();
  host->layers.push_back({floats({2}, {1, 2}), floats({1}, {3})});
  const Context one(gpu, 1), other(gpu, 1);
  std::shared_ptr<const ModelData> there = on_device(one, host);
  EXPECT_EQ(on_device(other, host), there);
  EXPECT_NE(on_device(one, std::make_shared<ModelData>()), there);
  const std::weak_ptr<const ModelData> first = there;
  there.reset();
  EXPECT_TRUE(first.expired());
  there = on_device(other, host);
  EXPECT_TRUE(same_bits(to_host(other, there->layers[0].weight), host->layers[0].weight));
  host.reset();
  EXPECT_TRUE(same_bits(to_host(one, there->layers[0].bias), floats({1}, {3})));
}

TEST_F(CudaContext, RecordingRunsNothing) {
  const Context cuda(gpu, 1);
  const Tensor from = to_gpu(cuda, floats({2}, {1, 2}));
  Tensor to = to_gpu(cuda, floats({2}, {0, 0}));
  const auto recording = record(cuda, [&] { copy(cuda, from, to); });
  EXPECT_TRUE(same_bits(to_host(cuda, to), floats({2}, {0, 0})));
  recording->replay();
  EXPECT_TRUE(same_bits(to_host(cuda, to), floats({2}, {1, 2})));
}

TEST_F(CudaContext, ARecordingThatFailsLeavesTheContextUsable) {
  const Context cuda(gpu, 1);
  Tensor x = to_gpu(cuda, floats({2}, {1, 2}));
  EXPECT_THROW(record(cuda, [] { throw Error("body"); }), Error);
  EXPECT_THROW(record(cuda, [&] { cuda.finish(); }), Error);
  EXPECT_THROW(record(cuda, [&] { Tensor(gpu, {5}); }), Error);
  EXPECT_THROW(record(cuda, [&] { record(cuda, [] {}); }), Error);
  const std::string fault =
      error_of([&] { record(cuda, [&] { cuda.cuda().scratch.reserve(int64_t{1} << 30); }); });
  EXPECT_EQ(fault,
            "recording: an op needs 1073741824 bytes to work in where 0 are planned; run it once "
            "before it is recorded");
  record(cuda, [&] { clear(cuda, x); })->replay();
  EXPECT_TRUE(same_bits(to_host(cuda, x), floats({2}, {0, 0})));
}

TEST_F(CudaContext, ARecordingKeepsTheMemoryItWorksInWhenOthersNeedMore) {
  const Context cuda(gpu, 1, Precision::bf16);
  const ConvSpec spec{1, 4, 9, 9, 4, 3, 3, 1, 1, 1, 1, 1, Activation::relu, "conv"};
  const Tensor weight = to_gpu(cuda, random_tensor(spec.weight_shape(), 1));
  const Tensor bias = to_gpu(cuda, random_tensor({4}, 2));
  const Tensor x = to_gpu(cuda, random_tensor(spec.input_shape(), 3));
  Tensor y(gpu, spec.output_shape());
  const auto conv = make_conv(cuda, spec, weight, bias);
  conv->forward(x, y);
  const Tensor expected = to_host(cuda, y);
  const auto recording = record(cuda, [&] { conv->forward(x, y); });
  cuda.cuda().scratch.reserve(int64_t{64} << 20);
  clear(cuda, y);
  recording->replay();
  EXPECT_TRUE(same_bits(to_host(cuda, y), expected));
  EXPECT_TRUE(emulator::faults().empty());
}

TEST_F(CudaContext, OutOfMemoryNamesTheBytesAskedForAndFree) {
  const Context cuda(gpu, 1);
  emulator::fail_next_malloc();
  const std::string line = error_of([] { Tensor(gpu, {1000, 1000}); });
  EXPECT_TRUE(line.starts_with("cuda:0: out of memory: 4000000 bytes asked for, ")) << line;
  EXPECT_TRUE(line.ends_with(" free")) << line;
  Tensor(gpu, {1000, 1000});  // and nothing of it lingers
  cuda.finish();
}

TEST_F(CudaContext, OutOfMemoryInAPlanNamesTheLayerOnce) {
  const Context cuda(gpu, 1);
  const SmallNet net(cuda, SmallNet());
  const auto plan = make_forward_plan(cuda);
  plan->input({1, 3, 13, 11});
  const ConvSpec spec{1, 3, 13, 11, 6, 3, 3, 1, 1, 1, 1, 1, Activation::relu, "conv1_1"};
  emulator::fail_next_malloc();
  const std::string line = error_of([&] { plan->conv(0, spec, net.weight1, net.bias1); });
  EXPECT_TRUE(line.starts_with("conv1_1: cuda:0: out of memory: ")) << line;
}

TEST_F(CudaContext, AFailedCallNamesTheLayerTheCallAndItsPlace) {
  const Context cuda(gpu, 1);
  const SmallNet net(cuda, SmallNet());
  const Tensor on_host({}, {1, 24});
  Tensor y(gpu, {1, 5});
  const auto linear =
      make_linear(cuda, {1, 24, 5, Activation::none, "fc8"}, net.weight3, net.bias3);
  const std::string product = error_of([&] { linear->forward(on_host, y); });
  EXPECT_TRUE(product.starts_with("fc8: cublasGemmEx_64(context.cuda().blas(), ")) << product;
  EXPECT_NE(product.find(" at cuda_gemm.cpp:"), std::string::npos) << product;
  EXPECT_NE(product.find(" failed with CUBLAS_STATUS_EXECUTION_FAILED: "), std::string::npos);
  EXPECT_EQ(product.find('\n'), std::string::npos);

  const ConvSpec spec{1, 3, 13, 11, 6, 3, 3, 1, 1, 1, 1, 1, Activation::relu, "conv1"};
  Tensor dx({}, spec.input_shape());
  const auto conv = make_conv(cuda, spec, net.weight1, net.bias1);
  const std::string backward =
      error_of([&] { conv->backward_data(Tensor(gpu, spec.output_shape()), dx); });
  EXPECT_TRUE(backward.starts_with("conv1: cudnnConvolutionBackwardData(")) << backward;
  EXPECT_NE(backward.find(" at conv_cuda.cpp:"), std::string::npos) << backward;
  EXPECT_TRUE(backward.ends_with("CUDNN_STATUS_EXECUTION_FAILED: a tensor is not in device memory"))
      << backward;
}

TEST_F(CudaContext, ARunRefusesImagesThatWereNotPlannedFor) {
  const Context cuda(gpu, 1);
  const SmallNet net(cuda, SmallNet());
  const auto plan = net.plan(cuda, 2);
  EXPECT_THROW(plan->run(Tensor(gpu, {3, 3, 13, 11})), Error);
  EXPECT_THROW(plan->run(Tensor(gpu, {1, 3, 13, 12})), Error);
  EXPECT_THROW(plan->run(Tensor(gpu, {0, 3, 13, 11})), Error);
  EXPECT_THROW(plan->run(Tensor(gpu, {3, 13, 11})), Error);
}

TEST_F(CudaContext, WithoutAGpuOneLineSaysWhatToDo) {
  EXPECT_EQ(best_device(), gpu);
  EXPECT_EQ(usable_gpus(), std::vector<Device>{gpu});
  emulator::set_device_count(0);
  EXPECT_EQ(best_device(), Device{});
  EXPECT_TRUE(usable_gpus().empty());
  EXPECT_EQ(error_of([] { Context(gpu, 1); }),
            "--device cuda: the driver finds no GPU; give --device cpu");
  EXPECT_THROW(Context(gpu, 1), UserError);
}

TEST_F(CudaContext, AGpuThatIsNotThereIsNamedWithThoseThatAre) {
  EXPECT_EQ(error_of([] {
              Context({DeviceKind::cuda, 5}, 1);
            }),
            "--device cuda:5: there is one GPU, cuda:0");
  emulator::set_device_count(3);
  EXPECT_EQ(error_of([] {
              Context({DeviceKind::cuda, 3}, 1);
            }),
            "--device cuda:3: there are 3 GPUs, cuda:0 to cuda:2");
  EXPECT_EQ(usable_gpus(),
            (std::vector<Device>{gpu, {DeviceKind::cuda, 1}, {DeviceKind::cuda, 2}}));
  EXPECT_THROW(Context({DeviceKind::cuda, 3}, 1), UserError);
}

TEST_F(CudaContext, ContextsOfTwoGpusWorkInTurn) {
  emulator::set_device_count(2);
  const Context first(gpu, 1), second({DeviceKind::cuda, 1}, 1);
  const SmallNet host;
  const SmallNet one(first, host), two(second, host);
  const auto plan_one = one.plan(first, 1), plan_two = two.plan(second, 1);
  const Tensor x = random_tensor({1, 3, 13, 11}, 1);
  plan_one->run(copied_to(first.device(), first, x));
  plan_two->run(copied_to(second.device(), second, x));
  const std::vector<Tensor> a = outputs_of(first, *plan_one), b = outputs_of(second, *plan_two);
  for (int i = 0; i < SmallNet::outputs; ++i) EXPECT_TRUE(same_bits(a[i], b[i])) << "step " << i;
}

TEST_F(CudaContext, TwoContextsInTwoThreadsGiveTheSameBitsAsOne) {
  const auto run = [](uint64_t seed) {
    const Context cuda(gpu, 1);
    const SmallNet net(cuda, SmallNet());
    const auto plan = net.plan(cuda, 2);
    Tensor x = to_gpu(cuda, random_tensor({2, 3, 13, 11}, seed));
    plan->run(x);
    const auto recording = record(cuda, [&] { plan->run(x); });
    for (int i = 0; i < 5; ++i) {
      Tensor taken(gpu, {100});  // while the other thread may be recording
      recording->replay();
    }
    return outputs_of(cuda, *plan);
  };
  const std::vector<Tensor> alone[2] = {run(1), run(2)};
  std::vector<Tensor> together[2];
  std::thread first([&] { together[0] = run(1); }), second([&] { together[1] = run(2); });
  first.join();
  second.join();
  for (int thread = 0; thread < 2; ++thread) {
    ASSERT_EQ(together[thread].size(), alone[thread].size());
    for (int i = 0; i < SmallNet::outputs; ++i) {
      EXPECT_TRUE(same_bits(together[thread][i], alone[thread][i])) << "step " << i;
    }
  }
}

TEST_F(CudaContext, AnotherThreadTakesMemoryWhileOneRecords) {
  const Context cuda(gpu, 1);
  Tensor x(gpu, {2});
  std::string fault = "none";
  const auto recording = record(cuda, [&] {
    std::thread([&] { fault = error_of([] { Context(gpu, 1).finish(); }); }).join();
    clear(cuda, x);
  });
  EXPECT_EQ(fault, "");
  recording->replay();
  EXPECT_TRUE(same_bits(to_host(cuda, x), floats({2}, {0, 0})));
}

TEST_F(CudaContext, EverythingTakenIsGivenBack) {
  const size_t bytes = emulator::allocated_bytes(), handles = emulator::live_handles();
  {
    const Context cuda(gpu, 1, Precision::fp16);
    const SmallNet net(cuda, SmallNet());
    const auto plan = net.plan(cuda, 2);
    const Tensor x = to_gpu(cuda, random_tensor({2, 3, 13, 11}, 1));
    plan->run(x);
    record(cuda, [&] { plan->run(x); })->replay();
  }
  EXPECT_EQ(emulator::allocated_bytes(), bytes);
  EXPECT_EQ(emulator::live_handles(), handles);
}

TEST_F(CudaContext, AFailedContextGivesBackWhatItTook) {
  const size_t bytes = emulator::allocated_bytes(), handles = emulator::live_handles();
  emulator::fail_next_malloc();
  EXPECT_THROW(Context(gpu, 1), Error);
  EXPECT_EQ(emulator::allocated_bytes(), bytes);
  EXPECT_EQ(emulator::live_handles(), handles);
}

TEST_F(CudaContext, RunningTakesNoMemory) {
  for (const Precision precision : {Precision::float32, Precision::tf32, Precision::fp16}) {
    const Context cuda(gpu, 1, precision);
    const SmallNet net(cuda, SmallNet());
    const auto plan = net.plan(cuda, 2);
    const Tensor x = to_gpu(cuda, random_tensor({2, 3, 13, 11}, 1));
    const size_t bytes = emulator::allocated_bytes();
    plan->run(x);
    EXPECT_EQ(emulator::allocated_bytes(), bytes);
  }
}

}  // namespace
}  // namespace hdecomp::op_testing
