#include "tools/serve/job_queue.h"

#include <utility>

namespace hdecomp::tools {

JobQueue::JobQueue()
    : JobQueue([](const std::function<void()>& body) { return std::jthread(body); }) {}

JobQueue::JobQueue(Start start) : start_(std::move(start)) {}

JobQueue::~JobQueue() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

bool JobQueue::add(const void* whose, Job job, int most_waiting) {
  const std::lock_guard lock(mutex_);
  if (std::ssize(entries_) >= most_waiting) return false;
  // The thread first: a job that stayed behind where none can be had would be done for the next
  // caller, when its own has gone.
  if (!thread_.joinable()) thread_ = start_([this] { work(); });
  entries_.push_back({whose, std::move(job)});
  changed_.notify_all();
  return true;
}

bool JobQueue::remove(const void* whose) {
  const std::lock_guard lock(mutex_);
  return std::erase_if(entries_, [&](const Entry& entry) { return entry.whose == whose; }) > 0;
}

void JobQueue::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return closed_ || !entries_.empty(); });
    if (closed_) return;
    const Job job = std::move(entries_.front().job);
    entries_.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
}

}  // namespace hdecomp::tools
