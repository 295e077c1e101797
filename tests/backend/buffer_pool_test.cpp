/// A pool's spare memory: bounded, given up where the device has no more, never taken from a
/// recording that works in it.
#include "kernels/core/buffer_pool.h"

#include "kernels/core/out_of_memory.h"
#include "kernels/core/recording.h"
#include "tests/backend/cuda_backend_testing.h"

namespace hdecomp::op_testing {
namespace {

constexpr int64_t mib = int64_t{1} << 20;

class SpareMemory : public ::testing::Test {
 protected:
  void TearDown() override {
    emulator::set_device_memory(size_t{16} << 30);
    emulator::clear_faults();
  }
  /// The device has no more than this beside what is taken.
  static void leave(int64_t bytes) {
    emulator::set_device_memory(emulator::allocated_bytes() + static_cast<size_t>(bytes));
  }
  static int64_t taken() { return static_cast<int64_t>(emulator::allocated_bytes()); }

  std::shared_ptr<BufferPool> pool_ = std::make_shared<BufferPool>(gpu);
};

TEST_F(SpareMemory, IsGivenUpWhereTheDeviceHasNoRoom) {
  leave(100 * mib);
  const int64_t before = taken();
  pool_->take(64 * mib);
  pool_->take(8 * mib);
  EXPECT_EQ(taken(), before + 72 * mib);
  const Buffer large = pool_->take(80 * mib);
  EXPECT_EQ(taken(), before + 80 * mib);
  EXPECT_THROW(pool_->take(64 * mib), OutOfMemory);
  EXPECT_EQ(taken(), before + 80 * mib);
  pool_->take(16 * mib);  // and it goes on
  EXPECT_TRUE(emulator::faults().empty());
}

TEST_F(SpareMemory, OthersAreAskedForMoreFirst) {
  leave(100 * mib);
  Buffer kept = pool_->take(64 * mib);
  pool_->on_shortage([&] { kept.reset(); });
  const Buffer large = pool_->take(80 * mib);
  EXPECT_FALSE(kept);
}

TEST_F(SpareMemory, IsTrimmedFromWhatWasGivenBackFirst) {
  const int64_t before = taken();
  {
    Buffer second = pool_->take(2 * mib);
    Buffer first = pool_->take(8 * mib);
    first.reset();
    second.reset();
  }
  EXPECT_EQ(pool_->trim(10 * mib), 0);
  EXPECT_EQ(pool_->trim(4 * mib), 8 * mib);
  EXPECT_EQ(taken(), before + 2 * mib);
  const int64_t allocations = pool_->allocations();
  pool_->take(2 * mib);
  EXPECT_EQ(pool_->allocations(), allocations);
  EXPECT_EQ(pool_->trim(0), 2 * mib);
  EXPECT_EQ(taken(), before);
}

TEST_F(SpareMemory, OfARecordingLivesAsLongAsIt) {
  const Context cuda(gpu, 1);
  Tensor x = to_gpu(cuda, floats({2}, {1, 2})), y = to_gpu(cuda, floats({2}, {0, 0}));
  const auto body = [&] {
    Tensor between = take_tensor<float>(*pool_, {2});
    copy(cuda, x, between);
    copy(cuda, between, y);
  };
  body();
  auto recording = record(cuda, body, pool_.get());
  EXPECT_EQ(pool_->trim(0), 0);
  {
    const Buffer another = pool_->take(8);  // may be the same memory
    copy(cuda, floats({2}, {5, 6}), x);
  }
  recording->replay();
  EXPECT_TRUE(same_bits(to_host(cuda, y), floats({2}, {5, 6})));
  EXPECT_TRUE(emulator::faults().empty());
  recording.reset();
  EXPECT_GT(pool_->trim(0), 0);
}

}  // namespace
}  // namespace hdecomp::op_testing
