/// SmoothGrad (Smilkov et al. 2017): (1 / n) sum over i of G(x + e_i), the e_i normal noise whose
/// standard deviation is a share of max x - min x.
#include <algorithm>

#include "hdecomp/error.h"
#include "kernels/core/random_normal.h"
#include "runtime/saliency/sampled_gradients.h"

namespace hdecomp {
namespace {

void draw(const SaliencyOptions& options, int64_t sample, std::span<float> to) {
  fill_normal(to, stream_of(options.seed, static_cast<uint64_t>(sample)), 1);
}

}  // namespace

std::vector<float> smoothgrad_noise(const SaliencyOptions& options, int64_t size) {
  std::vector<float> noise(options.samples * size);
  for (int64_t i = 0; i < options.samples; ++i) {
    draw(options, i, std::span(noise).subspan(i * size, size));
  }
  return noise;
}

std::vector<SaliencyMaps> smoothgrad_maps(Turns turns, const Tensor& images,
                                          const SaliencyOptions& options) {
  const int64_t count = images.shape()[0], size = images.elements() / count;
  std::vector<Tensor> values;
  for (size_t t = 0; t < turns.size(); ++t) values.emplace_back(Device{}, images.shape());
  if (options.given_noise && std::ssize(*options.given_noise) != options.samples * size) {
    throw Error("smoothgrad: the noise is not of the samples' extent");
  }
  for (int64_t image = 0; image < count; ++image) {
    const auto x = images.span().subspan(image * size, size);
    const auto [least, most] = std::ranges::minmax(x);
    const auto deviation = static_cast<float>(options.noise * (double{most} - double{least}));
    const auto noisy = [&](int64_t sample, std::span<float> to) {
      if (options.given_noise) {
        std::ranges::copy(std::span(*options.given_noise).subspan(sample * size, size), to.begin());
      } else {
        draw(options, sample, to);
      }
      for (int64_t k = 0; k < size; ++k) {  // the product is exact in double precision
        to[k] = static_cast<float>(x[k] + double{deviation} * to[k]);
      }
    };
    const std::vector<std::vector<double>> means = mean_gradients(turns, image, options, noisy);
    for (size_t t = 0; t < turns.size(); ++t) {
      std::ranges::transform(means[t], values[t].data() + image * size,
                             [](double value) { return static_cast<float>(value); });
    }
  }
  std::vector<SaliencyMaps> maps;
  for (const Tensor& of_turn : values) maps.push_back(pixel_maps(of_turn));
  return maps;
}

}  // namespace hdecomp
