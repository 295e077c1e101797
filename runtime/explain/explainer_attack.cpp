/// Explainer: photographs in, what fools the network out.
#include "hdecomp/error.h"
#include "runtime/attack/pgd.h"
#include "runtime/explain/decide.h"
#include "runtime/explain/explainer_impl.h"
#include "runtime/image/planes.h"

namespace hdecomp {

Image image_of_planes(std::vector<float> planes, const PixelSize& size) {
  constexpr int64_t largest_side = 65535;
  if (!PixelSize(1).fits_in(size) || !size.fits_in(largest_side) ||
      std::ssize(planes) != Image::channels * size.height * size.width) {
    throw UserError(joined(planes.size(), " values for 3 planes of ", size));
  }
  if (!are_pixels(planes)) throw UserError("planes with a value that is not from 0 to 1");
  Image image{size.height, size.width, rgb_of_planes(planes)};
  image.planes = std::move(planes);
  return image;
}

namespace {

/// The same where 8 bits are all that is kept of it.
Image in_8_bits(Image image) {
  image.planes = planes_of_rgb(image.rgb);
  return image;
}

}  // namespace

std::vector<Attacked> Explainer::attack_batch(std::span<const Image> images,
                                              const AttackOptions& options) {
  model().require_classes();
  impl_->require_none_begun();
  const int64_t asked = asked_class(model(), options.target);
  const int64_t aim = asked_class(model(), options.aim);
  check_attack(options, asked, aim);
  if (images.empty()) return {};
  impl_->require_batch(images);
  NetworkRunner& network = impl_->network;
  std::vector<Attacked> results;
  std::vector<PgdImage> questions;
  for (const ClassScore& decision : choose(network, images, asked)) {
    questions.push_back({images[results.size()], decision.index, aim});
    results.emplace_back().before = decision;
  }
  SaliencyNet net = network.saliency();
  network.forget();
  const Preprocess& rule = model().preprocess();
  std::vector<PgdResult> found = pgd(net, model(), questions, options);
  std::vector<Image> changed, rounded;
  for (PgdResult& one : found) {
    changed.push_back(image_of_planes(std::move(one.planes), rule.crop));
    rounded.push_back(in_8_bits(changed.back()));
  }
  const auto fooled = [&](int64_t i, int64_t now) {
    return now != results[i].before.index && (aim < 0 || now == aim);
  };
  network.forward(rounded);
  for (int64_t i = 0; i < std::ssize(results); ++i) {
    results[i].fooled_in_8_bits = fooled(i, network.scores().ranking(i, 1).front().index);
  }
  network.forward(changed);
  for (int64_t i = 0; i < std::ssize(results); ++i) {
    Attacked& one = results[i];
    one.after = network.scores().score_of(i, one.before.index);
    one.new_after = network.scores().ranking(i, 1).front();
    one.fooled = fooled(i, one.new_after.index);
    one.distance = found[i].distance;
    one.loss_before = found[i].loss_before;
    one.loss = found[i].loss;
    one.image = std::move(changed[i]);
  }
  network.forward(images);
  for (int64_t i = 0; i < std::ssize(results); ++i) {
    results[i].new_before = network.scores().score_of(i, results[i].new_after.index);
  }
  return results;
}

}  // namespace hdecomp
