/// The C interface's structs, which programs of older and newer headers may hand in.
#pragma once

#include <hdecomp.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <type_traits>

#include "hdecomp/error.h"

namespace hdecomp::c_api {

/// What was given where NULL has no meaning. Throws UserError that names it.
template <class Object>
Object& required(Object* object, const char* name) {
  if (object == nullptr) throw UserError(joined(name, " is NULL"));
  return *object;
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
HDECOMP_LAST_MEMBER(hdecomp_model_info, source);
HDECOMP_LAST_MEMBER(hdecomp_layer, width);
HDECOMP_LAST_MEMBER(hdecomp_class, wnid);
HDECOMP_LAST_MEMBER(hdecomp_preprocess, std);
HDECOMP_LAST_MEMBER(hdecomp_pixels, reserved);
HDECOMP_LAST_MEMBER(hdecomp_image_info, width);
HDECOMP_LAST_MEMBER(hdecomp_engine_options, batch);
HDECOMP_LAST_MEMBER(hdecomp_class_score, probability);
HDECOMP_LAST_MEMBER(hdecomp_explain_options, reserved);
HDECOMP_LAST_MEMBER(hdecomp_step_options, stop);
HDECOMP_LAST_MEMBER(hdecomp_node, concept_part);
HDECOMP_LAST_MEMBER(hdecomp_step, chosen_of_value);
HDECOMP_LAST_MEMBER(hdecomp_ablation_options, data);
HDECOMP_LAST_MEMBER(hdecomp_ablation_info, groups);
HDECOMP_LAST_MEMBER(hdecomp_saliency_options, data);
HDECOMP_LAST_MEMBER(hdecomp_what_if_options, data);
HDECOMP_LAST_MEMBER(hdecomp_saliency_info, paths);
HDECOMP_LAST_MEMBER(hdecomp_features_info, values);
HDECOMP_LAST_MEMBER(hdecomp_convert_options, weights_16);
HDECOMP_LAST_MEMBER(hdecomp_concepts_info, reserved);
HDECOMP_LAST_MEMBER(hdecomp_concept, mask);
HDECOMP_LAST_MEMBER(hdecomp_patches_info, top);
HDECOMP_LAST_MEMBER(hdecomp_patch, jpeg_size);
HDECOMP_LAST_MEMBER(hdecomp_tree_files, stop);
HDECOMP_LAST_MEMBER(hdecomp_table_options, patch_count);
HDECOMP_LAST_MEMBER(hdecomp_photo, why);
HDECOMP_LAST_MEMBER(hdecomp_photos_options, stop);
HDECOMP_LAST_MEMBER(hdecomp_channel_files_options, reserved);
HDECOMP_LAST_MEMBER(hdecomp_attack_options, data);
HDECOMP_LAST_MEMBER(hdecomp_attack_info, layer);
HDECOMP_LAST_MEMBER(hdecomp_experiment_options, exif);
HDECOMP_LAST_MEMBER(hdecomp_results_info, steps);
HDECOMP_LAST_MEMBER(hdecomp_result_image, why);
HDECOMP_LAST_MEMBER(hdecomp_result_field, rank);
HDECOMP_LAST_MEMBER(hdecomp_graph, levels);
HDECOMP_LAST_MEMBER(hdecomp_graph_level, edges);
HDECOMP_LAST_MEMBER(hdecomp_graph_node, weight);
HDECOMP_LAST_MEMBER(hdecomp_graph_edge, weight);
HDECOMP_LAST_MEMBER(hdecomp_attacked_channel, moved);
HDECOMP_LAST_MEMBER(hdecomp_ablation_channels, members_drop);
HDECOMP_LAST_MEMBER(hdecomp_rectangle, width);
HDECOMP_LAST_MEMBER(hdecomp_explainer_info, batch);
HDECOMP_LAST_MEMBER(hdecomp_tree_level_info, probability);
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
