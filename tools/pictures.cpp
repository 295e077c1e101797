/// Lists a tree's pictures, then draws and encodes them side by side.
#include "tools/pictures.h"

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "hdecomp/error.h"
#include "tools/progress.h"

namespace hdecomp::tools {
namespace {

struct Job {
  const TreeNode* node;
  const Decomposition* parent;
};

/// Names the pictures of all nodes below `parent` and lists them; `path` is the parent's place.
void list_below(TreeNode& parent, const std::string& path, std::vector<Job>& jobs) {
  for (size_t i = 0; i < parent.children.size(); ++i) {
    TreeNode& node = parent.children[i];
    const std::string here = path.empty() ? text(i) : text(path, ".", i);
    node.picture = text("maps/", here, "_", node.layer, "-", node.channel, ".png");
    jobs.push_back({&node, parent.step.get()});
    list_below(node, here, jobs);
  }
}

}  // namespace

void draw_pictures(TreeNode& root, const EvidencePainter& painter, const OutputFolder& folder) {
  std::vector<Job> jobs;
  list_below(root, "", jobs);
  folder.make_folder("maps");
  Progress progress("pictures", static_cast<int64_t>(jobs.size()));
  std::atomic<size_t> next{0};
  std::mutex mutex;  // guards progress and fault
  std::exception_ptr fault;
  const auto work = [&] {
    for (size_t i = next++; i < jobs.size(); i = next++) {
      try {
        save_png(painter.draw(*jobs[i].node, *jobs[i].parent),
                 folder.staged(jobs[i].node->picture));
        const std::lock_guard lock(mutex);
        progress.step();
      } catch (...) {
        const std::lock_guard lock(mutex);
        fault = std::current_exception();
        next = jobs.size();
      }
    }
  };
  {
    std::vector<std::jthread> workers(std::max(1u, std::thread::hardware_concurrency()));
    for (std::jthread& worker : workers) worker = std::jthread(work);
  }
  if (fault) std::rethrow_exception(fault);
}

}  // namespace hdecomp::tools
