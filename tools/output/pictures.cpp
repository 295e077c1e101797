/// Lists a tree's pictures, then draws and encodes them side by side.
#include "tools/output/pictures.h"

#include <atomic>
#include <exception>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "hdecomp/error.h"
#include "tools/output/side_by_side.h"

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

/// Levels that have evidence: a branch may end before the last stage.
size_t drawn_levels(const Tree& tree) {
  std::set<std::string> met;
  for (const TreeStep& step : distinct_steps(tree.root)) {
    if (!step.decision->children().empty()) met.insert(step.decision->step->layer);
  }
  return met.size();
}

std::string sheet_name(size_t level, const std::string& layer) {
  return joined("levels/", level + 1, "_", layer, ".png");
}

}  // namespace

JsonOptions with_pictures(Pictures pictures, int indent) {
  JsonOptions options{indent};
  if (pictures == Pictures::all) options.picture = map_name;
  if (pictures != Pictures::none) options.guided_picture = guided_name;
  return options;
}

std::vector<PictureJob> node_pictures(const TreeNode& root, bool maps,
                                      const EvidencePainter& painter, const OutputFolder& folder,
                                      const std::filesystem::path& inside) {
  std::vector<PictureJob> jobs;
  std::set<std::string> guided;
  size_t nodes = 0;
  for (const TreeStep& step : distinct_steps(root)) {
    const std::vector<TreeNode>& children = step.decision->children();
    nodes += children.size();
    for (size_t i = 0; i < children.size() && nodes <= most_pictures; ++i) {
      const TreeNode* node = &children[i];
      if (maps) {
        const Decomposition* parent = step.decision->step.get();
        jobs.emplace_back([=, &painter, name = inside / map_name(step, i)](auto& target) {
          save_png(painter.draw(*node, *parent), target.staged(name));
        });
      }
      const std::string crop = guided_name(step, i);
      if (crop.empty() || !guided.insert(crop).second) continue;
      jobs.emplace_back([=, name = inside / crop](auto& target) {
        save_png(draw_guided(*node), target.staged(name));
      });
    }
  }
  if (nodes > most_pictures && !jobs.empty()) {
    throw UserError(joined("--output-dir: the tree has more than ", most_pictures,
                           " pictures of nodes, which is the most that are drawn; give a smaller "
                           "--top or --depth, or --pictures none"));
  }
  if (maps) folder.make_folder(inside / "maps");
  if (!guided.empty()) folder.make_folder(inside / "guided");
  return jobs;
}

std::vector<PictureJob> tree_pictures(const Tree& tree, const Image& photo, const Model& model,
                                      const PictureLook& look, const OutputFolder& folder,
                                      const std::filesystem::path& inside) {
  folder.make_folder(inside / "levels");
  // The last levels have the most neurons: they are begun first, and the pyramid before them.
  std::vector<PictureJob> jobs{
      [&, look, name = inside / "pyramid.png"](const OutputFolder& target) {
        save_png(draw_pyramid(tree, photo, model, look.colours), target.staged(name));
      }};
  const auto add_vectors = [&](const char* name, auto& drawn) {
    jobs.emplace_back([&, look, name = inside / name](const OutputFolder& target) {
      target.write_text(
          name, [&](const TextSink& sink) { sink(drawn(tree, photo, model, look.colours)); });
    });
  };
  if (look.svg) add_vectors("pyramid.svg", pyramid_svg);
  if (look.pdf) add_vectors("pyramid.pdf", pyramid_pdf);
  for (size_t level = drawn_levels(tree); level-- > 0;) {
    const std::string name = sheet_name(level, tree.layers[level]);
    jobs.emplace_back([&, look, level, name = inside / name](const OutputFolder& target) {
      save_png(draw_level(tree, level, photo, model, look.colours), target.staged(name));
    });
  }
  return jobs;
}

void draw_all(const std::vector<PictureJob>& jobs, const OutputFolder& folder, int threads,
              const PictureProgress& progress) {
  const std::thread::id caller = std::this_thread::get_id();
  std::atomic<int64_t> done = 0;
  std::atomic<bool> failed = false;
  std::mutex mutex;  // guards fault
  std::exception_ptr fault;
  side_by_side(jobs.size(), threads, [&](size_t i) {
    if (failed) return;
    try {
      jobs[i](folder);
      ++done;
      if (progress && std::this_thread::get_id() == caller) progress(done, std::ssize(jobs));
    } catch (...) {
      const std::lock_guard lock(mutex);
      fault = std::current_exception();
      failed = true;
    }
  });
  if (fault) std::rethrow_exception(fault);
}

}  // namespace hdecomp::tools
