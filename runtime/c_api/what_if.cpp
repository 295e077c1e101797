/// The C interface's what-ifs.
#include "hdecomp/error.h"
#include "runtime/c_api/handles.h"

namespace {

using namespace hdecomp;
using namespace hdecomp::c_api;

WhatIfOptions what_if_options(const hdecomp_what_if_options& given) {
  WhatIfOptions options;
  options.target = text_of(given.target);
  options.controls = given.controls;
  options.seed = given.seed;
  options.stop = token_of(given.stop);
  options.after_batch = callback(given.after_batch, given.data);
  return options;
}

WhatIf filled(hdecomp_explainer* explainer, const Image& image, const PhotoRegion& region,
              const hdecomp_what_if_options* options) {
  const hdecomp_what_if_options given = options_of(options, "options");
  const auto fill = static_cast<RegionFill>(choice_of("fill", given.fill, region_fills, 0));
  return required(explainer, "explainer")
      .explainer.what_if(image, region, fill, what_if_options(given));
}

const Verdict& verdict(const hdecomp_what_if* given, int64_t i) {
  const WhatIf& its = required(given, "result").result;
  if (i == 0) return its.before;
  if (i == 1) return its.after;
  if (i >= 2 && i - 2 < std::ssize(its.controls)) return its.controls[i - 2];
  throw UserError(joined("no verdict ", i, "; there are ", its.controls.size() + 2));
}

}  // namespace

extern "C" {

hdecomp_status hdecomp_what_if_box(hdecomp_explainer* explainer, const hdecomp_image* image,
                                   int64_t x, int64_t y, int64_t width, int64_t height,
                                   const hdecomp_what_if_options* options,
                                   hdecomp_what_if** result) {
  return guarded([&] {
    required(result, "result");
    put(result,
        filled(explainer, required(image, "image").image, {{x, y, width, height}, {}}, options));
  });
}

hdecomp_status hdecomp_what_if_mask(hdecomp_explainer* explainer, const hdecomp_image* image,
                                    const uint8_t* mask, int64_t height, int64_t width,
                                    const hdecomp_what_if_options* options,
                                    hdecomp_what_if** result) {
  return guarded([&] {
    required(result, "result");
    const Image& photo = required(image, "image").image;
    const size_t pixels = photo.height * photo.width;  // of another size nothing is read
    const PhotoRegion region =
        region_of_mask(photo, {&required(mask, "mask"), pixels}, height, width);
    put(result, filled(explainer, photo, region, options));
  });
}

hdecomp_status hdecomp_what_if_off(hdecomp_explainer* explainer, const hdecomp_image* image,
                                   const char* channels, const hdecomp_what_if_options* options,
                                   hdecomp_what_if** result) {
  return guarded([&] {
    required(result, "result");
    const hdecomp_what_if_options given = options_of(options, "options");
    const AblationFill fill = fill_of(given.fill == nullptr ? "zero" : given.fill, given.means);
    put(result, required(explainer, "explainer")
                    .explainer.what_if(required(image, "image").image,
                                       channels_off(&required(channels, "channels")), fill,
                                       means_of(given.means), what_if_options(given)));
  });
}

int64_t hdecomp_what_if_count(const hdecomp_what_if* result) {
  return result == nullptr ? 0 : std::ssize(result->result.controls) + 2;
}

hdecomp_status hdecomp_what_if_decision(const hdecomp_what_if* result, int64_t i,
                                        hdecomp_class_score* score) {
  return guarded([&] { give(score_of(verdict(result, i).decision), score, "score"); });
}

hdecomp_status hdecomp_what_if_predicted(const hdecomp_what_if* result, int64_t i,
                                         hdecomp_class_score* score) {
  return guarded([&] { give(score_of(verdict(result, i).predicted()), score, "score"); });
}

void hdecomp_what_if_free(hdecomp_what_if* result) { delete result; }

}  // extern "C"
