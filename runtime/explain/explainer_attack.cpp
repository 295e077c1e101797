/// Explainer: photographs in, what fools the network out.
#include "hdecomp/error.h"
#include "runtime/explain/attacks.h"
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
  std::vector<PgdClasses> classes;
  for (const ClassScore& decision : choose(network, images, asked)) {
    classes.push_back({decision.index, aim});
  }
  return attack_all(network, images, classes, options, AttackedParts::all, true);
}

}  // namespace hdecomp
