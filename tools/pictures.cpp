/// Lists a tree's pictures, then draws and encodes them side by side.
#include "tools/pictures.h"

#include <algorithm>
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
    const std::string name = text(here, "_", node.layer, "-", node.channel, ".png");
    node.picture = "maps/" + name;
    if (node.guided) node.guided_picture = "guided/" + name;
    jobs.push_back({&node, parent.step.get()});
    list_below(node, here, jobs);
  }
}

void draw(const Job& job, const EvidencePainter& painter, const OutputFolder& folder) {
  const TreeNode& node = *job.node;
  save_png(painter.draw(node, *job.parent), folder.staged(node.picture));
  if (node.guided) save_png(draw_guided(node), folder.staged(node.guided_picture));
}

}  // namespace

void draw_pictures(TreeNode& root, const EvidencePainter& painter, const OutputFolder& folder,
                   int threads, bool show_progress) {
  std::vector<Job> jobs;
  list_below(root, "", jobs);
  folder.make_folder("maps");
  const auto is_guided = [](const Job& job) { return job.node->guided != nullptr; };
  if (std::ranges::any_of(jobs, is_guided)) folder.make_folder("guided");
  Progress progress("pictures", show_progress ? static_cast<int64_t>(jobs.size()) : 0);
  std::atomic<size_t> next{0};
  std::mutex mutex;  // guards progress and fault
  std::exception_ptr fault;
  const auto work = [&] {
    for (size_t i = next++; i < jobs.size(); i = next++) {
      try {
        draw(jobs[i], painter, folder);
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
    std::vector<std::jthread> others(static_cast<size_t>(threads - 1));
    for (std::jthread& other : others) other = std::jthread(work);
    work();
  }
  if (fault) std::rethrow_exception(fault);
}

}  // namespace hdecomp::tools
