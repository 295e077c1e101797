/// Fig. 8a and 8b: the maps of a network against those of the same network with its weights drawn
/// anew, layer after layer (Adebayo et al. 2018), or against those of another network of its
/// architecture.
#include <algorithm>

#include "hdecomp/error.h"
#include "kernels/core/copy.h"
#include "kernels/core/parallel.h"
#include "runtime/experiments/image_measure.h"
#include "runtime/experiments/randomise_row.h"
#include "runtime/experiments/randomised_nets.h"
#include "runtime/experiments/summed_maps.h"

namespace hdecomp {
namespace {

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
    return RandomiseRow::fields(std::ssize(questions_), std::ssize(steps_));
  }

  std::string definition() const override {
    return "absolute, signed: Spearman's correlation (average ranks) of the map before and after, "
           "summed over the colour channels, with and without magnitudes first; ssim: of the "
           "magnitudes over their maximum, 7 x 7 windows; undefined: one of the maps is constant; "
           "controls: the map before against that of another image, of the second class, and "
           "against Sobel's edges; emprt: the entropy of the magnitudes after the last step over "
           "that before, less 1; batch norm is folded into the weights before they are drawn";
  }

  void take_other_images(std::vector<Image> images) override {
    options_.other_images = std::move(images);
  }

  std::vector<std::vector<float>> rows(NetworkRunner& network,
                                       std::span<const MeasuredImage> images) override {
    SaliencyNet net = network.saliency();
    const Tensor inputs = chosen(input_of_run(net, images.front().images), images);
    std::vector<int64_t> classes;
    for (const MeasuredImage& image : images) classes.push_back(image.decision.index);
    draw_noise(inputs.elements() / inputs.shape()[0]);
    std::vector<RandomiseRow> rows(images.size(), {std::ssize(questions_), std::ssize(steps_)});
    const SummedMaps before = summed(maps_by(questions_, net, inputs, classes));
    put_controls(network, net, inputs, images, before, rows);
    RandomisedWeights drawn(network.model.data(), steps_, options_);
    for (size_t s = 0; s < steps_.size(); ++s) {
      OtherNet other(network.context, options_.other ? options_.other->data() : drawn.of(s),
                     network.executor.batch());
      put_step(other.net, inputs, classes, s, before, rows);
    }
    std::vector<std::vector<float>> numbers;
    for (RandomiseRow& row : rows) numbers.push_back(row.take());
    return numbers;
  }

 private:
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

  void put_step(SaliencyNet& net, const Tensor& inputs, const std::vector<int64_t>& classes,
                size_t s, const SummedMaps& before, std::vector<RandomiseRow>& rows) {
    run_inputs(net, inputs);
    require_finite(net, inputs.shape()[0], steps_[s].name);
    std::vector<int64_t> targets = classes;
    for (size_t i = 0; i < classes.size(); ++i) {
      const std::vector<float> scores = scores_of(net, static_cast<int64_t>(i));
      if (options_.own_target) {
        targets[i] = std::ranges::max_element(scores) - scores.begin();
      }
      rows[i].put_score(static_cast<int64_t>(s), scores[classes[i]]);
    }
    const MethodMaps after = maps_by(questions_, net, inputs, targets);
    const int64_t tasks = std::ssize(after) * std::ssize(classes);
    parallel_tasks(net.context, tasks, 2, [&](int64_t task) {
      const int64_t m = task / std::ssize(classes), i = task % std::ssize(classes);
      rows[i].put_step(m, static_cast<int64_t>(s), before[m][i], after[m][i]);
    });
  }

  /// SmoothGrad's, once for all steps, where it takes little memory.
  void draw_noise(int64_t size) {
    constexpr int64_t most = int64_t{16} << 20;
    for (SaliencyOptions& question : questions_) {
      if (question.method != SaliencyMethod::smoothgrad || question.given_noise) continue;
      if (question.samples > most / size) continue;
      question.given_noise =
          std::make_shared<const std::vector<float>>(smoothgrad_noise(question, size));
    }
  }

  static void put_control(RandomiseRow& row, int64_t method, int64_t control, const SummedMap& map,
                          const SummedMap& other) {
    row.put_control(method, control, map, other.sign_ranks, other.size_ranks);
  }

  /// The network as it is, on other questions.
  void put_controls(NetworkRunner& network, SaliencyNet& net, const Tensor& inputs,
                    std::span<const MeasuredImage> images, const SummedMaps& before,
                    std::vector<RandomiseRow>& rows) {
    std::vector<int64_t> second, own;
    for (const MeasuredImage& image : images) {
      const std::vector<ClassScore> best = network.scores().ranking(image.image, 2);
      const bool is_best = best.front().index == image.decision.index;
      second.push_back(is_best ? best.back().index : best.front().index);
      own.push_back(image.decision.index);
    }
    const MethodMaps of_second = maps_by(questions_, net, inputs, second);
    Tensor others = others_of(network, images);
    const MethodMaps of_others =
        others.elements() > 0 ? maps_by(questions_, net, others, own) : MethodMaps{};
    const Shape& shape = inputs.shape();
    const int64_t size = inputs.elements() / shape[0];
    for (size_t i = 0; i < images.size(); ++i) {
      const std::vector<double> edges =
          ranks_of(edge_map(inputs.span().subspan(static_cast<int64_t>(i) * size, size), shape[1],
                            shape[2], shape[3]));
      for (size_t m = 0; m < before.size(); ++m) {
        const auto method = static_cast<int64_t>(m);
        if (!of_others.empty()) {
          put_control(rows[i], method, 0, before[m][i], SummedMap(of_others[m][i]));
        }
        put_control(rows[i], method, 1, before[m][i], SummedMap(of_second[m][i]));
        // A layer's map has other places than the input's edges.
        if (before[m][i].size.size() != edges.size()) continue;
        rows[i].put_control(method, 2, before[m][i], edges, edges);
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
