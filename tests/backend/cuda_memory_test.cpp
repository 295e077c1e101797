/// Device memory that runs out at any allocation of an explanation: one line says so, nothing is
/// kept, and what was there before goes on working.
#include "hdecomp/explainer.h"
#include "tests/backend/cuda_backend_testing.h"
#include "tests/support/temporary_files.h"
#include "tests/support/tree_testing.h"

namespace hdecomp::op_testing {
namespace {

using namespace testing_models;

class CudaMemory : public ::testing::Test {
 protected:
  CudaMemory() {
    const std::string file = file_testing::temporary_path(".h5");
    write_model(slim_model("vgg11", 64), file);
    model_.emplace(Model::load(file));
  }
  void TearDown() override {
    emulator::fail_next_malloc(0, 0);
    emulator::clear_faults();
  }

  Explainer explainer() const { return Explainer(*model_, {.device = "cuda:0", .batch = 2}); }
  static Tree explain(Explainer& explainer) {
    const Image photo{64, 64, std::vector<uint8_t>(64 * 64 * 3, 90)};
    return explainer.explain(
        photo, {.target = {}, .top = 2, .depth = 3, .keep_maps = true, .guided = true});
  }

  /// Calls `work` again and again, where the next allocation fails, then the second, and so on,
  /// with all that follow it (a pool tries again), until it needs no more of them; `after` each
  /// failure. Returns how many it needed.
  template <class Work, class After>
  static int fail_each_allocation(Work work, After after) {
    for (int skip = 0;; ++skip) {
      SCOPED_TRACE(joined("allocation ", skip));
      emulator::fail_next_malloc(skip, 1 << 20);
      const std::string line = error_of(work);
      emulator::fail_next_malloc(0, 0);
      if (line.empty()) return skip;
      EXPECT_NE(line.find("out of memory: "), std::string::npos) << line;
      EXPECT_EQ(line.find('\n'), std::string::npos) << line;
      after();
      if (HasFailure()) return skip;
    }
  }

  std::optional<Model> model_;
};

TEST_F(CudaMemory, AnExplainerThatFailsAnywhereKeepsNothing) {
  const size_t bytes = emulator::allocated_bytes(), host_bytes = emulator::allocated_host_bytes();
  const size_t handles = emulator::live_handles();
  const auto explain_once = [&] {
    Explainer whole = explainer();
    explain(whole);
  };
  const int allocations = fail_each_allocation(explain_once, [&] {
    EXPECT_EQ(emulator::allocated_bytes(), bytes);
    EXPECT_EQ(emulator::allocated_host_bytes(), host_bytes);
    EXPECT_EQ(emulator::live_handles(), handles);
  });
  EXPECT_GT(allocations, 50);
  EXPECT_EQ(emulator::allocated_bytes(), bytes);
  EXPECT_EQ(emulator::live_handles(), handles);
  EXPECT_TRUE(emulator::faults().empty());
}

TEST_F(CudaMemory, AnExplainerGoesOnAfterAnExplanationThatFailed) {
  Explainer whole = explainer();
  const Tree expected = explain(whole);
  for (int before = 0; before < 3; ++before) {  // the run that records, its replays
    SCOPED_TRACE(joined(before, " explanations before"));
    std::optional<Explainer> tried;
    const auto renew = [&] {
      tried.emplace(explainer());
      for (int i = 0; i < before; ++i) explain(*tried);
    };
    renew();
    const int allocations =
        fail_each_allocation([&] { explain(*tried); },
                             [&] {
                               for (int i = 0; i < 3; ++i) {
                                 expect_equal_trees(explain(*tried).root, expected.root, 0);
                               }
                               renew();
                             });
    EXPECT_GT(allocations, before == 0 ? 20 : -1);
  }
}

}  // namespace
}  // namespace hdecomp::op_testing
