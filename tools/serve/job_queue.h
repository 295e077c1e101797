/// Jobs that a thread of its own does one after the other.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace hdecomp::tools {

class JobQueue {
 public:
  using Job = std::function<void()>;
  /// Starts a thread on what it is given; throws std::system_error where none can be had.
  using Start = std::function<std::jthread(const std::function<void()>& body)>;

  JobQueue();
  explicit JobQueue(Start start);
  /// Waits for the job that has begun; the others are not done.
  ~JobQueue();

  /// Queues a job; `whose` is its name for remove(). False if `most_waiting` wait already. The
  /// first starts the thread; where none can be had it throws, and the job is not queued.
  bool add(const void* whose, Job job, int most_waiting);
  /// Takes back a job that has not begun; false if it has.
  bool remove(const void* whose);

 private:
  struct Entry {
    const void* whose;
    Job job;
  };

  void work();

  Start start_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Entry> entries_;
  bool closed_ = false;
  std::jthread thread_;
};

}  // namespace hdecomp::tools
