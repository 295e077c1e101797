/// All activated channels' maps, then what is merged and which peaks are taken.
#include "runtime/tree/refined_steps.h"

#include <algorithm>
#include <cstdlib>

#include "runtime/tree/decisions_at_once.h"
#include "runtime/tree/evidence.h"
#include "runtime/tree/overlap.h"

namespace hdecomp {
namespace {

/// How many groups, from the first, reach `cover` of the positive evidence; all where it is 0.
size_t groups_that_cover(const std::vector<OverlapGroup>& groups, const Decomposition& step,
                         double cover) {
  size_t count = 0;
  for (double covered = 0; count < groups.size(); ++count) {
    if (cover > 0 && covered >= cover * step.positive) break;
    for (const int32_t channel : groups[count].channels) covered += step.contribution[channel];
  }
  return count;
}

/// Keeps the first groups of overlapping channels, `question.top` at most, each as its first
/// channel.
void merge(GapStep& step, const TreeQuestion& question) {
  std::vector<OverlapGroup> groups = merge_overlaps(step, *question.overlaps);
  groups.resize(std::min(groups.size(), static_cast<size_t>(question.top)));
  groups.resize(groups_that_cover(groups, step.decomposition, question.cover));
  std::vector<int32_t> chosen, covered;
  std::vector<float> values;
  std::vector<Neuron> next;
  std::vector<std::shared_ptr<const ActivationMap>> maps;
  for (const OverlapGroup& group : groups) {
    const size_t first = group.places.front();
    chosen.push_back(group.channels.front());
    values.push_back(step.values[first]);
    next.push_back(step.next[first]);
    maps.push_back(std::move(step.maps[first]));
    step.members.emplace_back(group.channels.begin() + 1, group.channels.end());
    covered.insert(covered.end(), group.channels.begin(), group.channels.end());
  }
  step.decomposition.chosen = std::move(chosen);
  step.values = std::move(values);
  step.next = std::move(next);
  step.maps = std::move(maps);
  measure_coverage(step.decomposition, covered);
}

bool is_local_maximum(const std::vector<float>& map, const FeatureShape& shape, int64_t y,
                      int64_t x) {
  const float value = map[y * shape.width + x];
  if (value <= 0) return false;
  for (int64_t i = std::max<int64_t>(y - 1, 0); i <= std::min(y + 1, shape.height - 1); ++i) {
    for (int64_t j = std::max<int64_t>(x - 1, 0); j <= std::min(x + 1, shape.width - 1); ++j) {
      if (map[i * shape.width + j] > value) return false;
    }
  }
  return true;
}

/// Whether two decisions' windows share no cell. The whole map is every decision's.
bool are_apart(const Window& window, const Neuron& a, const Neuron& b) {
  if (window.whole()) return false;
  const auto apart = [](const WindowAxis& axis, int64_t p, int64_t q) {
    return std::abs(axis.begin(p) - axis.begin(q)) >= axis.size;
  };
  return apart(window.y, a.y, b.y) || apart(window.x, a.x, b.x);
}

/// The highest local maxima of a map, each apart from those before it by a receptive field.
std::vector<Neuron> peaks_of(const std::vector<float>& map, const FeatureShape& shape,
                             const Window& window, const Neuron& first, size_t count) {
  std::vector<Neuron> maxima, peaks{first};
  for (int64_t y = 0; y < shape.height; ++y) {
    for (int64_t x = 0; x < shape.width; ++x) {
      if (is_local_maximum(map, shape, y, x)) maxima.push_back({first.channel, y, x, first.image});
    }
  }
  const auto height = [&](const Neuron& n) { return map[n.y * shape.width + n.x]; };
  std::ranges::stable_sort(maxima, std::greater(), height);
  for (const Neuron& maximum : maxima) {
    if (peaks.size() == count) break;
    const auto is_apart = [&](const Neuron& peak) { return are_apart(window, peak, maximum); };
    if (std::ranges::all_of(peaks, is_apart)) peaks.push_back(maximum);
  }
  return peaks;
}

/// What a decision of this level reaches in the next one; of the last level, in the image.
Window reach_below(WindowExecutor& windows, const TreeQuestion& question, size_t level) {
  const int below = level + 1 < question.levels.size() ? question.levels[level + 1] : 0;
  return windows.plan(question.levels[level], below).windows.at(below);
}

}  // namespace

void add_peaks(WindowExecutor& windows, const TreeQuestion& question, size_t level, int64_t image,
               GapStep& step) {
  const int node = question.levels[level];
  const Window window = reach_below(windows, question, level);
  const FeatureShape& shape = windows.graph().shapes[node];
  Decomposition& d = step.decomposition;
  double positive = 0, first = 0, extra = 0;
  for (size_t i = 0; i < d.chosen.size(); ++i) {
    const std::vector<float> map = step.maps[i]->whole();
    const int32_t channel = d.chosen[i], at = d.position[channel];
    for (const float a : map) positive += std::max(a, 0.0f);
    first += d.peak[channel];
    const std::vector<Neuron> peaks =
        peaks_of(map, shape, window, {channel, at / d.width, at % d.width, image},
                 static_cast<size_t>(question.peaks));
    for (size_t p = 1; p < peaks.size(); ++p) {
      const float a = map[peaks[p].y * shape.width + peaks[p].x];
      extra += a;
      step.extra.push_back({i, peaks[p], a});
    }
  }
  std::vector<Neuron> neurons;
  for (const ExtraPeak& peak : step.extra) neurons.push_back(peak.neuron);
  const std::vector<float> values = windows.executor().values(node, neurons);
  for (size_t i = 0; i < values.size(); ++i) step.extra[i].value = values[i];
  d.first_peaks = positive > 0 ? first / positive : 0;
  d.extra_peaks = positive > 0 ? extra / positive : 0;
}

std::vector<GapStep> refined_steps(WindowExecutor& windows, const TreeQuestion& question,
                                   size_t level, const std::vector<ValuedNeuron>& decisions) {
  GapQuestion wide = question.step(level);
  const FeatureShape& shape = windows.graph().shapes[wide.to];
  wide.keep_maps = true;
  if (question.overlaps) {
    wide.top = static_cast<int>(shape.channels);
    wide.cover = 0;  // groups cover more than their first channels
  }
  constexpr int64_t bytes = int64_t{1} << 28;  // of whole maps
  const size_t most = decisions_at_once(shape, std::min<int64_t>(wide.top, shape.channels), bytes);
  return steps_in_parts(decisions, most, [&](const std::vector<ValuedNeuron>& some) {
    std::vector<GapStep> steps = gap_steps(windows, wide, some);
    for (size_t i = 0; i < steps.size(); ++i) {
      if (question.overlaps) merge(steps[i], question);
      if (question.peaks > 1) add_peaks(windows, question, level, some[i].neuron.image, steps[i]);
      if (!question.keep_maps) steps[i].maps.clear();
    }
    return steps;
  });
}

}  // namespace hdecomp
