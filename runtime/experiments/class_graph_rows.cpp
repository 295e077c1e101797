/// The edges of each image's tree, a row of a fixed size, and the rows of a class added up.
#include <algorithm>
#include <cmath>
#include <map>

#include "hdecomp/class_graphs.h"
#include "hdecomp/error.h"
#include "runtime/experiments/image_measure.h"
#include "runtime/tree/overlap.h"
#include "weights/file/in_quotes.h"

namespace hdecomp {
namespace {

constexpr int64_t edge_numbers = 3;             // above, below, weight
constexpr int64_t most_row = int64_t{1} << 18;  // numbers of an image

class ClassGraphRows final : public TreeMeasure {
 public:
  ClassGraphRows(NetworkRunner& network, const std::vector<int>& levels,
                 const ExperimentOptions& options)
      : TreeMeasure(network, question_of(network, levels, options)) {
    fields_ = {{graph_class_field, {1}}};
    std::string above = "scores";
    int64_t nodes = 1, channels_above = 1, size = 1;  // nodes: a level has no more
    for (size_t l = 0; l < layers_.size(); ++l) {
      const int64_t channels = network.graph().shapes[question_.levels[l]].channels;
      nodes = std::min(nodes * std::min<int64_t>(options.top, channels), int64_t{1} << 40);
      const int64_t most = std::min(nodes, channels_above * channels);
      fields_.push_back({edges_field(layers_[l]), {most, edge_numbers}});
      steps_.push_back(above + "->" + layers_[l]);
      above = layers_[l];
      size += most * edge_numbers;
      if (size > most_row) {
        throw UserError(joined("--top ", options.top, ": a tree can have ", most, " edges into ",
                               layers_[l], " alone; give a smaller --top, or --depth ", l));
      }
      channels_above = channels;
    }
  }

  std::vector<std::string> steps() const override { return steps_; }

  std::string definition() const override {
    return joined(
        "of every image's tree of the top ", question_.top,
        " the edges from channels of a level (first: from the class) to channels of the next, and "
        "of each the sum, over the nodes that it leads to, of the product of the shares from the "
        "class down to the node",
        question_.overlaps
            ? joined("; channels whose masks, ", mask_words(question_.overlaps->mask_threshold),
                     ", overlap by more than ", question_.overlaps->iou,
                     " are one node, the one that contributes most, with the shares of all")
            : "");
  }

 private:
  static TreeQuestion question_of(const NetworkRunner& network, const std::vector<int>& levels,
                                  const ExperimentOptions& options) {
    if (options.depth < 0 || options.depth > std::ssize(levels)) {
      throw UserError(
          joined("--depth ", options.depth, ": give 1 to ", levels.size(), ", or 0 for all"));
    }
    TreeQuestion question;
    question.from = network.graph().scores();
    question.levels = levels;
    if (options.depth > 0) question.levels.resize(options.depth);
    question.top = options.top;
    if (options.merge) question.overlaps = options.overlaps;
    return question;
  }

  std::vector<float> row(NetworkRunner&, const TreeNode& root,
                         const MeasuredImage& image) const override {
    FieldRow row(fields_);
    row.set(0, 0, static_cast<double>(image.decision.index));
    const TreeEdges levels = tree_edges(root);
    for (size_t l = 0; l < levels.size(); ++l) {
      for (size_t i = 0; i < levels[l].size(); ++i) {
        const auto at = static_cast<int64_t>(i) * edge_numbers;
        row.set(l + 1, at, levels[l][i].above);
        row.set(l + 1, at + 1, levels[l][i].below);
        row.set(l + 1, at + 2, levels[l][i].weight);
      }
    }
    return row.take();
  }

  std::vector<std::string> steps_;
};

/// A level's edges in the rows of all images.
struct LevelRows {
  std::string field;
  std::vector<float> values;
  int64_t most = 0;                 // edges of an image
  int64_t above = 0, channels = 0;  // how many classes or channels there are
};

std::vector<TreeEdge> edges_of(const ResultsFile& results, const LevelRows& level, size_t image) {
  const auto number = [&](float value, int64_t count) {
    return static_cast<int32_t>(results.index_in(level.field, value, 0, count - 1));
  };
  std::vector<TreeEdge> edges;
  const float* row = level.values.data() + image * level.most * edge_numbers;
  for (int64_t i = 0; i < level.most && !std::isnan(row[0]); ++i, row += edge_numbers) {
    edges.push_back({number(row[0], level.above), number(row[1], level.channels), double{row[2]}});
    if (!(row[2] >= 0 && row[2] <= 2)) {
      throw UserError(joined("the results file's values/", level.field, ": the weight ", row[2],
                             " is no share; the file is damaged"));
    }
  }
  return edges;
}

/// Of an image, in a field of edges.
int64_t most_edges(const ResultsFile& results, const std::string& field) {
  const std::vector<ResultField>& fields = results.plan().fields;
  const auto found = std::ranges::find(fields, field, &ResultField::name);
  if (found != fields.end() && found->size() % edge_numbers == 0)
    return found->size() / edge_numbers;
  throw UserError(
      joined("the results file has no values/", field, " of edges; the file is damaged"));
}

std::vector<LevelRows> levels_of(const ResultsFile& results, const Model& model) {
  std::vector<LevelRows> levels;
  int64_t above = model.class_count();
  for (const std::string& step : results.plan().steps) {
    const std::string layer = lower_layer(step);
    LevelRows& level = levels.emplace_back();
    level.field = edges_field(layer);
    level.most = most_edges(results, level.field);
    level.values = results.values(level.field);
    level.above = above;
    for (const LayerInfo& known : model.layers()) {
      if (known.stage == layer) level.channels = known.channels;
    }
    if (level.channels == 0) {
      throw UserError(joined("the results file's step ", in_quotes(step),
                             ": the model has no stage ", in_quotes(layer)));
    }
    above = level.channels;
  }
  return levels;
}

}  // namespace

std::vector<ClassGraph> class_graphs(const ResultsFile& results, const Model& model) {
  const std::vector<LevelRows> levels = levels_of(results, model);
  std::vector<std::string> layers;
  for (const std::string& step : results.plan().steps) {
    layers.push_back(lower_layer(step));
  }
  const std::vector<float> classes = results.values(graph_class_field);
  std::map<int64_t, ClassGraphSum> sums;
  for (size_t image = 0; image < classes.size(); ++image) {
    if (results.states()[image] != ImageState::measured) continue;
    const int64_t of =
        results.index_in(graph_class_field, classes[image], 0, model.class_count() - 1);
    TreeEdges tree;
    for (const LevelRows& level : levels) tree.push_back(edges_of(results, level, image));
    sums.try_emplace(of, layers).first->second.add(tree);
  }
  std::vector<ClassGraph> graphs;
  for (const auto& [of, sum] : sums) graphs.push_back(sum.graph(of));
  std::ranges::stable_sort(graphs, std::ranges::greater(), &ClassGraph::trees);
  return graphs;
}

std::unique_ptr<ImageMeasure> make_class_graph(NetworkRunner& network,
                                               const std::vector<int>& levels,
                                               const ExperimentOptions& options) {
  return std::make_unique<ClassGraphRows>(network, levels, options);
}

}  // namespace hdecomp
