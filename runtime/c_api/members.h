/// What the members of a caller's structs say: texts, numbers of which 0 is the usual, words.
#pragma once

#include <optional>
#include <span>

#include "hdecomp/engine_options.h"
#include "hdecomp/error.h"
#include "runtime/c_api/objects.h"
#include "runtime/c_api/versioned.h"

namespace hdecomp::c_api {

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

}  // namespace hdecomp::c_api
