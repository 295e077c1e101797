/// Fig. 8a and 8b: the maps of a network against those of the same network with its weights drawn
/// anew, layer after layer (Adebayo et al. 2018), or against those of another network of its
/// architecture.
#include <algorithm>

#include "hdecomp/error.h"
#include "kernels/core/parallel.h"
#include "runtime/experiments/image_measure.h"
#include "runtime/experiments/randomise_controls.h"
#include "runtime/experiments/randomised_nets.h"
#include "runtime/experiments/summed_maps.h"
#include "runtime/saliency/sampled_gradients.h"

namespace hdecomp {
namespace {

class Randomise final : public ImageMeasure {
 public:
  Randomise(NetworkRunner& network, const ExperimentOptions& options) : options_(options) {
    if (options.methods.empty()) throw UserError("--methods: give at least one");
    questions_ = randomise_maps(options);
    for (const SaliencyOptions& question : questions_) check_saliency(question);
    check_uses(options);
    if (options.other) {
      require_alike(network.model, *options.other);
      steps_ = {{"the other model", {}}};
      return;
    }
    steps_ = randomised_steps(network.graph(), options.unit);
    if (options.order != RandomiseOrder::bottom_up) std::ranges::reverse(steps_);
  }

  /// Throws UserError for what is asked of methods that are not.
  static void check_uses(const ExperimentOptions& options) {
    SaliencyOptions asked;
    asked.samples = options.samples;
    asked.sum = options.gap_sum;
    if (options.tops != std::vector{asked.top}) asked.top = 0;  // not as usual
    if (options.other) asked.seed = options.seed;               // else it is of weights, too
    check_used(asked, options.methods);
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
    const Tensor inputs = inputs_of(input_of_run(net, images.front().images), images);
    std::vector<int64_t> classes;
    for (const MeasuredImage& image : images) classes.push_back(image.decision.index);
    draw_noise(inputs.elements() / inputs.shape()[0]);
    Comparison comparison{network, inputs, images, classes, {}, {}};
    comparison.rows.assign(images.size(), {std::ssize(questions_), std::ssize(steps_)});
    RandomisedWeights drawn(network.model.data(), steps_, options_);
    const size_t all = as_it_is + steps_.size(), at_once = turns_at_once(net);
    for (size_t first = 0; first < all; first += at_once) {
      put_turns(comparison, drawn, first, std::min(all, first + at_once));
    }
    run_inputs(net, inputs);  // the features are the images' again
    std::vector<std::vector<float>> numbers;
    for (RandomiseRow& row : comparison.rows) numbers.push_back(row.take());
    return numbers;
  }

 private:
  /// Turns of the network as it is, before those of the steps: of the images' classes, and of the
  /// second ones.
  static constexpr size_t as_it_is = 2;

  struct Comparison {
    NetworkRunner& network;
    const Tensor& inputs;
    std::span<const MeasuredImage> images;
    const std::vector<int64_t>& classes;
    SummedMaps before;
    std::vector<RandomiseRow> rows;
  };

  bool share_features(const Context& context) const {
    return context.device().kind == DeviceKind::cpu && !options_.other;
  }

  /// Networks that samples go through together, for what they have in common; each holds a sum.
  size_t turns_at_once(const SaliencyNet& net) const {
    constexpr int64_t most = int64_t{64} << 20;
    if (!share_features(net.context)) return 1;
    return static_cast<size_t>(std::max<int64_t>(1, most / gradient_sum_bytes(net)));
  }

  std::unique_ptr<OtherNet> changed(NetworkRunner& network, RandomisedWeights& drawn,
                                    size_t s) const {
    const Context& context = network.context;
    const int64_t batch = network.executor.batch();
    if (options_.other) return std::make_unique<OtherNet>(context, options_.other->data(), batch);
    if (!share_features(context)) return std::make_unique<OtherNet>(context, drawn.of(s), batch);
    return std::make_unique<OtherNet>(context, drawn.of(s), network.executor);
  }

  /// Turns [first, end) together.
  void put_turns(Comparison& to, RandomisedWeights& drawn, size_t first, size_t end) const {
    std::vector<std::unique_ptr<OtherNet>> others;
    std::vector<std::vector<int64_t>> classes(end - first, to.classes);
    std::vector<SaliencyTurn> turns;
    const SaliencyNet own = to.network.saliency();
    for (size_t k = first; k < end; ++k) {
      std::vector<int64_t>& own_classes = classes[k - first];
      if (k == 1) own_classes = second_classes(to.network, to.images);
      if (k < as_it_is) {
        turns.push_back({own, own_classes, k == 0 ? pixels_node : own.graph().scores() + 1});
        continue;
      }
      others.push_back(changed(to.network, drawn, k - as_it_is));
      const bool shared = share_features(own.context);
      turns.push_back({others.back()->net, own_classes,
                       shared ? drawn.first_drawn(k - as_it_is) : pixels_node});
    }
    const std::vector<MethodMaps> maps = maps_by(questions_, turns, to.inputs, [&](size_t t) {
      if (first + t >= as_it_is) {
        put_scores(turns[t].net, first + t - as_it_is, classes[t], to);
      }
    });
    for (size_t k = first; k < end; ++k) {
      if (k == 0) to.before = summed(maps[0]);
      if (k == 1)
        put_randomise_controls({to.inputs, to.before, maps[k - first], of_others(to)}, to.rows);
      if (k >= as_it_is) put_step(to, k - as_it_is, maps[k - first]);
    }
  }

  /// The maps of another image each, by the network as it is; none without any.
  MethodMaps of_others(const Comparison& to) const {
    const Tensor others = other_inputs(to.network, to.images, options_.other_images);
    if (others.elements() == 0) return {};
    const SaliencyTurn turn{to.network.saliency(), to.classes};
    return maps_by(questions_, {turn}, others, [](size_t) {}).front();
  }

  /// Of a step, whose network's last run was of the inputs; `targets` may become its own.
  void put_scores(const SaliencyNet& net, size_t s, std::vector<int64_t>& targets,
                  Comparison& to) const {
    require_finite(net, to.inputs.shape()[0], steps_[s].name);
    for (size_t i = 0; i < targets.size(); ++i) {
      const std::vector<float> scores = scores_of(net, static_cast<int64_t>(i));
      if (options_.own_target) {
        targets[i] = std::ranges::max_element(scores) - scores.begin();
      }
      to.rows[i].put_score(static_cast<int64_t>(s), scores[to.classes[i]]);
    }
  }

  static void put_step(Comparison& to, size_t s, const MethodMaps& after) {
    const int64_t images = std::ssize(to.classes), tasks = std::ssize(after) * images;
    parallel_tasks(to.network.context, tasks, 2, [&](int64_t task) {
      const int64_t m = task / images, i = task % images;
      to.rows[i].put_step(m, static_cast<int64_t>(s), to.before[m][i], after[m][i]);
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
