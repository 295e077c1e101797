/// Lists a tree's pictures, then draws and encodes them side by side.
#include "tools/pictures.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "hdecomp/error.h"
#include "tools/progress.h"

namespace hdecomp::tools {
namespace {

std::string map_name(const TreeStep& parent, size_t child) {
  const TreeNode& node = parent.decision->children()[child];
  return joined("maps/", parent.path, parent.path.empty() ? "" : ".", child, "_", node.layer, "-",
                node.channel, ".png");
}

std::string guided_name(const TreeStep& parent, size_t child) {
  const TreeNode& node = parent.decision->children()[child];
  if (!node.guided) return "";
  return joined("guided/", node.layer, "-", node.channel, "@", node.y, ",", node.x, ".png");
}

struct Job {
  const TreeNode* node;
  const Decomposition* parent;
  std::string map, guided;  // file names; the second empty where there is none, or another has it
};

/// The pictures of all nodes below `root`, each once.
std::vector<Job> jobs_below(const TreeNode& root) {
  std::vector<Job> jobs;
  std::set<std::string> guided;
  for (const TreeStep& step : distinct_steps(root)) {
    const std::vector<TreeNode>& children = step.decision->children();
    for (size_t i = 0; i < children.size(); ++i) {
      const std::string crop = guided_name(step, i);
      const bool is_new = !crop.empty() && guided.insert(crop).second;
      jobs.push_back({&children[i], step.decision->step.get(), map_name(step, i),
                      is_new ? crop : std::string()});
    }
  }
  if (jobs.size() > most_pictures) {
    throw UserError(joined("--output-dir: the tree has ", jobs.size(), " pictures, at most ",
                           most_pictures,
                           " are drawn; give a smaller --top or --depth, or --no-pictures"));
  }
  return jobs;
}

void draw(const Job& job, const EvidencePainter& painter, const OutputFolder& folder,
          const std::filesystem::path& inside) {
  save_png(painter.draw(*job.node, *job.parent), folder.staged(inside / job.map));
  if (!job.guided.empty()) save_png(draw_guided(*job.node), folder.staged(inside / job.guided));
}

}  // namespace

JsonOptions with_pictures(int indent) { return {indent, map_name, guided_name}; }

void draw_pictures(const TreeNode& root, const EvidencePainter& painter, const OutputFolder& folder,
                   const std::filesystem::path& inside, int threads, bool show_progress) {
  const std::vector<Job> jobs = jobs_below(root);
  folder.make_folder(inside / "maps");
  const auto is_guided = [](const Job& job) { return !job.guided.empty(); };
  if (std::ranges::any_of(jobs, is_guided)) folder.make_folder(inside / "guided");
  Progress progress("pictures", show_progress ? static_cast<int64_t>(jobs.size()) : 0);
  std::atomic<size_t> next{0};
  std::mutex mutex;  // guards progress and fault
  std::exception_ptr fault;
  const auto work = [&] {
    for (size_t i = next++; i < jobs.size(); i = next++) {
      try {
        draw(jobs[i], painter, folder, inside);
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
