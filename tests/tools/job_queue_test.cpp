/// The queue of jobs behind a server's engine, without a server.
#include "tools/serve/job_queue.h"

#include <gtest/gtest.h>

#include <future>
#include <system_error>
#include <vector>

namespace hdecomp::tools {
namespace {

constexpr int many = 64;

TEST(JobQueue, DoesJobsInTheirOrderOnAThreadOfItsOwn) {
  std::vector<int> done;
  std::promise<std::thread::id> last;
  JobQueue queue;
  for (int job = 0; job < 3; ++job) {
    ASSERT_TRUE(queue.add(
        &done, [&done, job] { done.push_back(job); }, many));
  }
  ASSERT_TRUE(queue.add(
      &last, [&] { last.set_value(std::this_thread::get_id()); }, many));
  EXPECT_NE(last.get_future().get(), std::this_thread::get_id());
  EXPECT_EQ(done, (std::vector<int>{0, 1, 2}));
}

/// Where no thread can be had, the job goes with its caller: it is not done for the next one.
TEST(JobQueue, AJobWithoutAThreadIsNotLeftBehind) {
  bool none_left = true;
  JobQueue queue([&](const std::function<void()>& body) {
    if (none_left) throw std::system_error(EAGAIN, std::generic_category());
    return std::jthread(body);
  });
  bool first_done = false;
  EXPECT_THROW(queue.add(
                   &first_done, [&] { first_done = true; }, many),
               std::system_error);
  EXPECT_FALSE(queue.remove(&first_done));
  none_left = false;
  std::promise<void> second;
  ASSERT_TRUE(queue.add(
      &second, [&] { second.set_value(); }, many));
  second.get_future().wait();
  EXPECT_FALSE(first_done);
}

TEST(JobQueue, RefusesMoreThanMayWaitAndTakesBackWhatHasNotBegun) {
  std::promise<void> begun, go_on;
  bool taken_back = true;
  JobQueue queue;
  ASSERT_TRUE(queue.add(
      &begun, [&] { begun.set_value(), go_on.get_future().wait(); }, many));
  begun.get_future().wait();
  ASSERT_TRUE(queue.add(
      &taken_back, [&] { taken_back = false; }, 1));
  EXPECT_FALSE(queue.add(
      &go_on, [] {}, 1));
  EXPECT_TRUE(queue.remove(&taken_back));
  EXPECT_FALSE(queue.remove(&begun));
  go_on.set_value();
  std::promise<void> after;
  ASSERT_TRUE(queue.add(
      &after, [&] { after.set_value(); }, 1));
  after.get_future().wait();
  EXPECT_TRUE(taken_back);
}

}  // namespace
}  // namespace hdecomp::tools
