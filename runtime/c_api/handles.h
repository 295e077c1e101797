/// What the C interface's opaque objects hold, and the way from exceptions to its status.
#pragma once

#include <hdecomp.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "hdecomp/channel_means.h"
#include "hdecomp/error.h"
#include "hdecomp/explainer.h"
#include "hdecomp/stopped.h"

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
struct hdecomp_explainer {
  hdecomp::Explainer explainer;
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
struct hdecomp_what_if {
  hdecomp::WhatIf result;
};
struct hdecomp_stop {
  std::stop_source source;
};
struct hdecomp_text {
  std::string text;
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

/// What was given where NULL has no meaning. Throws UserError that names it.
template <class Object>
Object& required(Object* object, const char* name) {
  if (object == nullptr) throw UserError(joined(name, " is NULL"));
  return *object;
}

/// Makes the object that a function returns through its last argument.
template <class Object, class... Parts>
void put(Object** to, Parts&&... parts) {
  *to = new Object{std::forward<Parts>(parts)...};
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

/// Of a struct's merge_overlaps and mask_threshold; 0: none, and the usual share.
inline std::optional<OverlapOptions> overlaps_of(double merge_overlaps, double mask_threshold) {
  if (merge_overlaps == 0) return {};
  OverlapOptions overlaps{.iou = merge_overlaps};
  if (mask_threshold != 0) overlaps.mask_threshold = mask_threshold;
  return overlaps;
}

inline std::string text_of(const char* text) { return text == nullptr ? "" : text; }

/// Which of `names` a text is; `otherwise` for NULL. Throws UserError that lists them.
size_t choice_of(const char* what, const char* text, std::span<const char* const> names,
                 size_t otherwise);
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

/// Throws UserError that names the struct for a size that no version of it has.
void require_size(size_t size, const char* name);
/// Throws UserError where a byte is not 0: of members that this library does not know.
void require_zeros(std::span<const unsigned char> bytes, const char* name);

/// Where the last member of a struct that has a struct_size ends: it is said of each below. Bytes
/// after it would be within the size that an older header has, so no later member could lie there.
template <class Struct>
inline constexpr size_t end_of_members = 0;
template <class Struct>
concept Versioned = std::is_trivially_copyable_v<Struct> && end_of_members<Struct>
== sizeof(Struct);

#define HDECOMP_LAST_MEMBER(type, member) \
  template <>                             \
  inline constexpr size_t end_of_members<type> = offsetof(type, member) + sizeof(type::member)
HDECOMP_LAST_MEMBER(hdecomp_model_info, stages);
HDECOMP_LAST_MEMBER(hdecomp_layer, width);
HDECOMP_LAST_MEMBER(hdecomp_class, wnid);
HDECOMP_LAST_MEMBER(hdecomp_preprocess, std);
HDECOMP_LAST_MEMBER(hdecomp_pixels, reserved);
HDECOMP_LAST_MEMBER(hdecomp_engine_options, batch);
HDECOMP_LAST_MEMBER(hdecomp_class_score, probability);
HDECOMP_LAST_MEMBER(hdecomp_explain_options, data);
HDECOMP_LAST_MEMBER(hdecomp_step_options, reserved);
HDECOMP_LAST_MEMBER(hdecomp_node, guided_width);
HDECOMP_LAST_MEMBER(hdecomp_step, chosen_of_value);
HDECOMP_LAST_MEMBER(hdecomp_ablation_options, mask_threshold);
HDECOMP_LAST_MEMBER(hdecomp_ablation_info, with_first_order);
HDECOMP_LAST_MEMBER(hdecomp_saliency_options, data);
HDECOMP_LAST_MEMBER(hdecomp_what_if_options, stop);
HDECOMP_LAST_MEMBER(hdecomp_saliency_info, class_index);
HDECOMP_LAST_MEMBER(hdecomp_features_info, values);
#undef HDECOMP_LAST_MEMBER

/// The options as this library knows them: members that the caller's header lacks are 0.
template <Versioned Options>
Options options_of(const Options* given, const char* name) {
  Options known{};
  if (given == nullptr) return known;
  require_size(given->struct_size, name);
  const auto* bytes = reinterpret_cast<const unsigned char*>(given);
  std::memcpy(&known, bytes, std::min(given->struct_size, sizeof known));
  if (given->struct_size > sizeof known) {
    require_zeros({bytes + sizeof known, given->struct_size - sizeof known}, name);
  }
  if constexpr (requires { known.reserved; }) {
    const auto* reserved = reinterpret_cast<const unsigned char*>(&known.reserved);
    require_zeros({reserved, sizeof known.reserved}, name);
  }
  return known;
}

/// Writes as much of a result as the caller's struct holds; its struct_size stays.
template <Versioned Result>
void give(const Result& result, Result* to, const char* name) {
  const size_t size = required(to, name).struct_size;
  require_size(size, name);
  constexpr size_t after_size = sizeof(size_t);
  const size_t known = std::min(size, sizeof result);
  auto* bytes = reinterpret_cast<unsigned char*>(to);
  std::memcpy(bytes + after_size, reinterpret_cast<const unsigned char*>(&result) + after_size,
              known - after_size);
  std::fill(bytes + known, bytes + size, static_cast<unsigned char>(0));
}

}  // namespace hdecomp::c_api
