/// What the C interface's opaque objects hold, and the way from exceptions to its status.
#pragma once

#include <hdecomp.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "hdecomp/attack.h"
#include "hdecomp/channel_concepts.h"
#include "hdecomp/channel_means.h"
#include "hdecomp/engine_options.h"
#include "hdecomp/error.h"
#include "hdecomp/explainer.h"
#include "hdecomp/patches.h"
#include "hdecomp/stopped.h"
#include "runtime/c_api/versioned.h"

/// A model and what its parts are called, for texts that live as long as it.
struct hdecomp_model {
  explicit hdecomp_model(hdecomp::Model given);

  hdecomp::Model model;
  std::vector<hdecomp::LayerInfo> layers;
  std::vector<std::string> stages, class_names, wnids;
};
struct hdecomp_means {
  std::shared_ptr<const hdecomp::ChannelMeans> means;
};
struct hdecomp_concepts {
  std::shared_ptr<const hdecomp::ChannelConcepts> concepts;
};
struct hdecomp_explainer {
  explicit hdecomp_explainer(hdecomp::Explainer made)
      : explainer(std::move(made)), device(explainer.device()) {}

  std::deque<std::vector<hdecomp::Image>> begun;  // of batches, which the explainer reads
  hdecomp::Explainer explainer;
  std::string device;
};
struct hdecomp_image {
  hdecomp::Image image;
};
struct hdecomp_scores {
  std::vector<hdecomp::ClassScore> scores;
};
struct hdecomp_ablation {
  hdecomp::Ablation ablation;
};
struct hdecomp_saliency {
  hdecomp::SaliencyMap map;
};
struct hdecomp_features {
  hdecomp::LayerFeatures features;
};
struct hdecomp_attack {
  hdecomp::Attacked attacked;
};
struct hdecomp_what_if {
  hdecomp::WhatIf result;
};
struct hdecomp_stop {
  std::stop_source source;
};
struct hdecomp_text {
  std::string text;
};
struct hdecomp_bytes {
  std::vector<uint8_t> bytes;
};
struct hdecomp_patches {
  std::shared_ptr<const hdecomp::PatchFile> file;
};

namespace hdecomp::c_api {

/// Takes down the exception that is being handled as this thread's last error.
hdecomp_status note_fault() noexcept;

/// Runs `work`; what it throws becomes a status and this thread's last error.
template <class Work>
hdecomp_status guarded(const Work& work) noexcept {
  try {
    work();
    return HDECOMP_OK;
  } catch (...) {
    return note_fault();
  }
}

/// Makes the object that a function returns through its last argument.
template <class Object, class... Parts>
void put(Object** to, Parts&&... parts) {
  *to = new Object{std::forward<Parts>(parts)...};
}

inline std::vector<Image> copies_of(const hdecomp_image* const* images, size_t count) {
  if (count > 0) required(images, "images");
  std::vector<Image> copies;
  for (size_t i = 0; i < count; ++i) copies.push_back(required(images[i], "an image").image);
  return copies;
}

/// Has `work` look at `count` images, copies of which it gets as many at a time as go together.
template <class Work>
void in_batches(const Explainer& explainer, const hdecomp_image* const* images, size_t count,
                const Work& work) {
  if (count > 0) required(images, "images");
  const auto most = static_cast<size_t>(explainer.batch());
  for (size_t first = 0; first < count; first += most) {
    work(copies_of(images + first, std::min(most, count - first)));
  }
}
/// Makes the objects that a function returns in an array of the caller's.
template <class Object, class Result>
void put_all(Object** to, std::vector<Result> results) {
  std::vector<std::unique_ptr<Object>> made;
  for (Result& one : results) made.emplace_back(new Object{std::move(one)});
  for (size_t i = 0; i < made.size(); ++i) to[i] = made[i].release();
}
/// Of what one of Explainer's functions makes of `count` images.
template <class Object, class Result, class Options>
void put_batches(Object** to, Explainer& explainer, const hdecomp_image* const* images,
                 size_t count,
                 std::vector<Result> (Explainer::*look)(std::span<const Image>, const Options&),
                 const Options& options) {
  std::vector<Result> found;
  in_batches(explainer, images, count, [&](std::span<const Image> batch) {
    std::ranges::move((explainer.*look)(batch, options), std::back_inserter(found));
  });
  put_all(to, std::move(found));
}
/// What `count()` returns; 0 where it throws, whose words are kept.
template <class Count>
int64_t count_of(const Count& count) {
  int64_t counted = 0;
  guarded([&] { counted = count(); });
  return counted;
}

/// Its texts stay the score's.
hdecomp_class_score score_of(const ClassScore& score);

inline std::stop_token token_of(const hdecomp_stop* stop) {
  return stop == nullptr ? std::stop_token() : stop->source.get_token();
}

/// Element `i` of a list. Throws UserError that says how many there are.
template <class T>
const T& at(const std::vector<T>& list, int64_t i, const char* what) {
  if (i >= 0 && i < std::ssize(list)) return list[i];
  throw UserError(joined("no ", what, " ", i, "; there are ", list.size()));
}

inline std::string text_of(const char* text) { return text == nullptr ? "" : text; }

/// A member that is 0 leaves what is usual.
template <class Value, class Given>
void take(Value& to, Given given) {
  if (given != 0) to = static_cast<Value>(given);
}

/// What an explainer's and an experiment's structs say of the engine.
template <class Given>
void take_engine(const Given& given, EngineOptions& engine) {
  engine.device = text_of(given.device);
  engine.threads = given.threads;
  take(engine.batch, given.batch);
  if (given.precision != nullptr) engine.precision = given.precision;
}

/// What an attack's and an experiment's structs say of PGD.
template <class Given>
void take_attack(const Given& given, AttackOptions& attack) {
  attack.aim = text_of(given.aim);
  take(attack.eps, given.eps);
  take(attack.steps, given.steps);
  take(attack.restarts, given.restarts);
  attack.step = given.step;
  attack.random_start = given.unmoved == 0;
  attack.seed = given.seed;
}

/// Texts, or none.
inline std::vector<std::string> texts_of(const char* const* texts, size_t count, const char* name) {
  std::vector<std::string> all;
  if (count > 0) required(texts, name);
  for (size_t i = 0; i < count; ++i) all.emplace_back(&required(texts[i], name));
  return all;
}

/// Of a struct's merge_overlaps and mask_threshold; 0: none, and the usual share.
inline std::optional<OverlapOptions> overlaps_of(double merge_overlaps, double mask_threshold) {
  if (merge_overlaps == 0) return {};
  OverlapOptions overlaps{.iou = merge_overlaps};
  if (mask_threshold != 0) overlaps.mask_threshold = mask_threshold;
  return overlaps;
}

/// Which of `names` a text is; `otherwise` for NULL. Throws UserError that lists them.
size_t choice_of(const char* what, const char* text, std::span<const char* const> names,
                 size_t otherwise);
/// The same into an enumeration, whose value stays for NULL.
template <class Choice>
void choose(Choice& choice, const char* what, const char* text,
            std::span<const char* const> names) {
  choice = static_cast<Choice>(choice_of(what, text, names, static_cast<size_t>(choice)));
}
/// Of "zero", "mean" and "means". Throws UserError for another text, and for means without them.
BaselineChoice baseline_of(const char* text, const hdecomp_means* means);
/// Of "mean", "zero" and "means".
AblationFill fill_of(const char* text, const hdecomp_means* means);
inline std::shared_ptr<const ChannelMeans> means_of(const hdecomp_means* means) {
  return means == nullptr ? nullptr : means->means;
}

/// A callback of the caller's; what is not 0 ends the call.
template <class... Numbers>
std::function<void(Numbers...)> callback(int32_t (*call)(void*, Numbers...), void* data) {
  if (call == nullptr) return {};
  return [=](Numbers... numbers) {
    if (call(data, numbers...) != 0) throw Stopped("stopped as its callback asked");
  };
}

}  // namespace hdecomp::c_api
