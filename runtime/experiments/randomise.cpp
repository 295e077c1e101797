/// Fig. 8a and 8b: the maps of a network against those of the same network with its weights drawn
/// anew, layer after layer (Adebayo et al. 2018), or against those of another network of its
/// architecture.
#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"
#include "kernels/core/copy.h"
#include "runtime/experiments/image_measure.h"
#include "runtime/experiments/map_similarity.h"
#include "runtime/experiments/randomised_steps.h"
#include "runtime/saliency/saliency_net.h"
#include "weights/file/finite.h"
#include "weights/model/device_model.h"
#include "weights/model/random_normal.h"
#include "weights/model/randomise.h"

namespace hdecomp {
namespace {

constexpr int64_t control_count = std::ssize(randomise_controls);

/// By method, by image.
using MethodMaps = std::vector<SaliencyMaps>;

/// A map's sums over its channels, and their ranks, which many maps are compared with.
struct SummedMap {
  explicit SummedMap(const SaliencyMap& map)
      : with_sign(map.signed_sum()),
        size(map.absolute_sum()),
        sign_ranks(ranks_of(with_sign)),
        size_ranks(ranks_of(size)) {}

  std::vector<float> with_sign, size;
  std::vector<double> sign_ranks, size_ranks;
};
using SummedMaps = std::vector<std::vector<SummedMap>>;

SummedMaps summed(const MethodMaps& maps) {
  SummedMaps all;
  for (const SaliencyMaps& of_method : maps) all.emplace_back(of_method.begin(), of_method.end());
  return all;
}

ModelData copy_of(const ModelData& model) {
  ModelData copy;
  copy.params = model.params;
  copy.preprocess = model.preprocess;
  copy.graph = model.graph;
  for (const LayerWeights& layer : model.layers) copy.layers.push_back(hdecomp::copy_of(layer));
  return copy;
}

/// A network of the architecture with other weights, planned; its last run is of the inputs.
struct OtherNet {
  OtherNet(const Context& context, std::shared_ptr<const ModelData> on_host, int64_t batch)
      : model(on_device(context, std::move(on_host))),
        executor(context, *model, batch),
        windows(context, *model, executor),
        net{context, *model, executor, windows} {}

  std::shared_ptr<const ModelData> model;
  Executor executor;
  WindowExecutor windows;
  SaliencyNet net;
};

/// Throws Error that names the first layer with a feature that is not finite.
void require_finite(const SaliencyNet& net, const std::string& step) {
  for (int node = 0; node <= net.graph().scores(); ++node) {
    const Tensor host = on_host(net.context, net.executor.feature(node));
    net.context.finish();
    if (first_not_finite(host.span()) < 0) continue;
    throw UserError(joined("drawn anew down to ", step, ", layer ", net.graph().nodes[node].name,
                           " overflows float32; give --order independent or --draw permute"));
  }
}

class Randomise final : public ImageMeasure {
 public:
  Randomise(NetworkRunner& network, const ExperimentOptions& options) : options_(options) {
    if (options.methods.empty()) throw UserError("--methods: give at least one");
    questions_ = randomise_maps(options);
    for (const SaliencyOptions& question : questions_) check_saliency(question);
    if (options.other) {
      require_alike(network.model, *options.other);
      steps_ = {{"the other model", {}}};
      return;
    }
    steps_ = randomised_steps(network.graph(), options.unit);
    if (options.order != RandomiseOrder::bottom_up) std::ranges::reverse(steps_);
  }

  bool needs_positive() const override { return false; }

  std::vector<std::string> steps() const override {
    std::vector<std::string> names;
    for (const RandomisedStep& step : steps_) names.push_back(step.name);
    return names;
  }

  std::vector<ResultField> fields() const override {
    const int64_t methods = std::ssize(questions_), steps = std::ssize(steps_);
    return {{"absolute", {methods, steps}},
            {"signed", {methods, steps}},
            {"ssim", {methods, steps}},
            {"undefined", {methods, steps}, true},
            {"control_absolute", {methods, control_count}},
            {"control_signed", {methods, control_count}},
            {"emprt", {methods}},
            {"score", {steps}}};
  }

  std::string definition() const override {
    return "absolute, signed: Spearman's correlation (average ranks) of the map before and after, "
           "summed over the colour channels, with and without magnitudes first; ssim: of the "
           "magnitudes over their maximum, 7 x 7 windows; undefined: one of the maps is constant; "
           "controls: the map before against that of another image, of the second class, and "
           "against Sobel's edges; emprt: the entropy of the magnitudes after the last step over "
           "that before, less 1; batch norm is folded into the weights before they are drawn";
  }

  std::vector<std::vector<float>> rows(NetworkRunner& network,
                                       std::span<const MeasuredImage> images) override {
    SaliencyNet net = network.saliency();
    const Tensor inputs = chosen(input_of_run(net, images.front().images), images);
    std::vector<int64_t> classes;
    for (const MeasuredImage& image : images) classes.push_back(image.decision.index);
    std::vector<FieldRow> rows;
    for (size_t i = 0; i < images.size(); ++i) rows.emplace_back(fields());
    const SummedMaps before = summed(maps_of(net, inputs, classes));
    put_controls(network, net, inputs, images, before, rows);
    std::shared_ptr<ModelData> changed;  // by the steps so far
    for (size_t s = 0; s < steps_.size(); ++s) {
      OtherNet other(network.context, model_of(s, network, changed), network.executor.batch());
      put_step(other.net, inputs, classes, s, before, rows);
    }
    std::vector<std::vector<float>> numbers;
    for (FieldRow& row : rows) numbers.push_back(row.take());
    return numbers;
  }

 private:
  /// In fields()' order.
  enum Field : size_t {
    absolute,
    with_sign,
    structure,
    undefined,
    controls,
    signed_controls,
    emprt,
    kept_score
  };

  static void require_alike(const Model& one, const Model& other) {
    const Graph &a = one.data()->graph, &b = other.data()->graph;
    if (a.shapes == b.shapes && a.nodes.size() == b.nodes.size()) return;
    throw UserError(joined("the models are not of one architecture: ", one.arch(), " with ",
                           one.output_count(), " outputs, ", other.arch(), " with ",
                           other.output_count()));
  }

  /// The inputs of those images alone, in their order.
  static Tensor chosen(const Tensor& all, std::span<const MeasuredImage> images) {
    const Shape& shape = all.shape();
    Tensor some({}, {std::ssize(images), shape[1], shape[2], shape[3]});
    const int64_t size = some.elements() / std::ssize(images);
    for (size_t i = 0; i < images.size(); ++i) {
      std::copy_n(all.data() + images[i].image * size, size, some.data() + i * size);
    }
    return some;
  }

  /// The weights of step `s`: `changed`, which has those of the steps before and which nothing runs
  /// on any more, with this step's drawn anew.
  std::shared_ptr<const ModelData> model_of(size_t s, const NetworkRunner& network,
                                            std::shared_ptr<ModelData>& changed) const {
    if (options_.other) return options_.other->data();
    if (changed == nullptr || options_.order == RandomiseOrder::independent) {
      changed = std::make_shared<ModelData>(copy_of(*network.model.data()));
    }
    for (const int node : steps_[s].nodes) {
      const uint64_t stream = stream_of(options_.seed, static_cast<uint64_t>(node));
      changed->layers[node] =
          drawn_anew(changed->layers[node], static_cast<Draw>(options_.draw), stream);
    }
    return changed;
  }

  MethodMaps maps_of(SaliencyNet& net, const Tensor& inputs, Classes classes) const {
    MethodMaps maps;
    bool fresh = false;  // whether the features are the inputs'
    for (const SaliencyOptions& question : questions_) {
      if (!fresh) run_inputs(net, inputs);
      maps.push_back(saliency_maps(net, classes, question));
      fresh = keeps_features(question.method);
    }
    if (!fresh) run_inputs(net, inputs);
    return maps;
  }

  void put_step(SaliencyNet& net, const Tensor& inputs, const std::vector<int64_t>& classes,
                size_t s, const SummedMaps& before, std::vector<FieldRow>& rows) {
    const int64_t steps = std::ssize(steps_);
    run_inputs(net, inputs);
    require_finite(net, steps_[s].name);
    std::vector<int64_t> targets = classes;
    for (size_t i = 0; i < classes.size(); ++i) {
      const std::vector<float> scores = scores_of(net, static_cast<int64_t>(i));
      if (options_.own_target) {
        targets[i] = std::ranges::max_element(scores) - scores.begin();
      }
      rows[i].set(kept_score, static_cast<int64_t>(s), scores[classes[i]]);
    }
    const MethodMaps after = maps_of(net, inputs, targets);
    for (size_t m = 0; m < after.size(); ++m) {
      for (size_t i = 0; i < classes.size(); ++i) {
        const int64_t at = static_cast<int64_t>(m) * steps + static_cast<int64_t>(s);
        const SummedMap &old = before[m][i], now(after[m][i]);
        const double correlation = rank_correlation(old.size_ranks, now.size_ranks);
        rows[i].set(absolute, at, correlation);
        rows[i].set(with_sign, at, rank_correlation(old.sign_ranks, now.sign_ranks));
        rows[i].set(structure, at,
                    ssim(old.size, now.size, after[m][i].height, after[m][i].width, 1));
        rows[i].set(undefined, at, std::isnan(correlation) ? 1 : 0);
        if (s + 1 < steps_.size()) continue;
        rows[i].set(emprt, static_cast<int64_t>(m),
                    histogram_entropy(now.size) / histogram_entropy(old.size) - 1);
      }
    }
  }

  static std::vector<float> scores_of(const SaliencyNet& net, int64_t image) {
    const int last = net.graph().scores();
    std::vector<Neuron> neurons;
    for (int64_t c = 0; c < net.graph().shapes[last].channels; ++c) {
      neurons.push_back({c, 0, 0, image});
    }
    return net.executor.values(last, neurons);
  }

  static void compare(const SummedMap& map, std::span<const double> sign_ranks,
                      std::span<const double> size_ranks, int64_t method, int64_t control,
                      FieldRow& row) {
    const int64_t at = method * control_count + control;
    row.set(controls, at, rank_correlation(map.size_ranks, size_ranks));
    row.set(signed_controls, at, rank_correlation(map.sign_ranks, sign_ranks));
  }
  static void compare(const SummedMap& map, const SummedMap& other, int64_t method, int64_t control,
                      FieldRow& row) {
    compare(map, other.sign_ranks, other.size_ranks, method, control, row);
  }

  /// The network as it is, on other questions.
  void put_controls(NetworkRunner& network, SaliencyNet& net, const Tensor& inputs,
                    std::span<const MeasuredImage> images, const SummedMaps& before,
                    std::vector<FieldRow>& rows) {
    std::vector<int64_t> second, own;
    for (const MeasuredImage& image : images) {
      const std::vector<ClassScore> best = network.scores().ranking(image.image, 2);
      const bool is_best = best.front().index == image.decision.index;
      second.push_back(is_best ? best.back().index : best.front().index);
      own.push_back(image.decision.index);
    }
    const MethodMaps of_second = maps_of(net, inputs, second);
    Tensor others = others_of(network, images);
    const MethodMaps of_others = others.elements() > 0 ? maps_of(net, others, own) : MethodMaps{};
    const Shape& shape = inputs.shape();
    const int64_t size = inputs.elements() / shape[0];
    for (size_t i = 0; i < images.size(); ++i) {
      const std::vector<double> edges =
          ranks_of(edge_map(inputs.span().subspan(static_cast<int64_t>(i) * size, size), shape[1],
                            shape[2], shape[3]));
      for (size_t m = 0; m < before.size(); ++m) {
        const auto method = static_cast<int64_t>(m);
        if (!of_others.empty()) {
          compare(before[m][i], SummedMap(of_others[m][i]), method, 0, rows[i]);
        }
        compare(before[m][i], SummedMap(of_second[m][i]), method, 1, rows[i]);
        // A layer's map has other places than the input's edges.
        if (before[m][i].size.size() != edges.size()) continue;
        compare(before[m][i], edges, edges, method, 2, rows[i]);
      }
    }
    run_inputs(net, inputs);
  }

  /// For each image another one, as inputs: the first of the experiment's that it is not. Nothing
  /// without any.
  Tensor others_of(NetworkRunner& network, std::span<const MeasuredImage> images) const {
    std::vector<Image> others;
    for (const MeasuredImage& image : images) {
      const auto other = std::ranges::find_if(options_.other_images, [&](const Image& candidate) {
        return candidate.rgb != image.photo.rgb;
      });
      if (other == options_.other_images.end()) return {};
      others.push_back(*other);
    }
    const Tensor there = network.input(others);
    return copied_to({}, network.context, there);
  }

  ExperimentOptions options_;
  std::vector<SaliencyOptions> questions_;
  std::vector<RandomisedStep> steps_;
};

}  // namespace

std::vector<SaliencyOptions> randomise_maps(const ExperimentOptions& options) {
  std::vector<SaliencyOptions> maps;
  for (const SaliencyMethod method : options.methods) {
    const size_t count = method == SaliencyMethod::gap ? options.tops.size() : 1;
    for (size_t i = 0; i < count; ++i) {
      SaliencyOptions& map = maps.emplace_back();
      map.method = method;
      map.samples = options.samples;
      map.seed = options.seed;
      map.sum = options.gap_sum;
      if (method == SaliencyMethod::gap) map.top = options.tops[i];
    }
  }
  return maps;
}

std::unique_ptr<ImageMeasure> make_randomise(NetworkRunner& network,
                                             const ExperimentOptions& options) {
  return std::make_unique<Randomise>(network, options);
}

}  // namespace hdecomp
