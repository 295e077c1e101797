/// The C interface's attacks.
#include "hdecomp/attack.h"

#include "hdecomp/error.h"
#include "runtime/c_api/handles.h"

namespace {

using namespace hdecomp;
using namespace hdecomp::c_api;

AttackOptions attack_options(const hdecomp_attack_options& given) {
  AttackOptions options;
  options.target = text_of(given.target);
  take_attack(given, options);
  options.channels = given.channels;
  options.stop = token_of(given.stop);
  options.after_step = callback(given.after_step, given.data);
  return options;
}

const std::vector<AttackedChannel>& channels_of(const hdecomp_attack* attack,
                                                hdecomp_attacked_kind kind) {
  constexpr auto kinds = static_cast<unsigned>(std::size(attack_channels));
  const auto which = static_cast<unsigned>(kind);
  if (which < kinds) return required(attack, "attack").attacked.channels[which];
  throw UserError(joined("no kind ", which, " of an attack's channels; there are ", kinds));
}

}  // namespace

extern "C" {

hdecomp_status hdecomp_attack_image(hdecomp_explainer* explainer, const hdecomp_image* image,
                                    const hdecomp_attack_options* options,
                                    hdecomp_attack** attack) {
  return guarded([&] {
    required(attack, "attack");
    const AttackOptions asked = attack_options(options_of(options, "options"));
    Explainer& its = required(explainer, "explainer").explainer;
    put(attack, std::move(its.attack_batch({&required(image, "image").image, 1}, asked).front()));
  });
}

hdecomp_status hdecomp_attack_batch(hdecomp_explainer* explainer,
                                    const hdecomp_image* const* images, size_t count,
                                    const hdecomp_attack_options* options,
                                    hdecomp_attack** attacks) {
  return guarded([&] {
    required(attacks, "attacks");
    const AttackOptions asked = attack_options(options_of(options, "options"));
    put_batches(attacks, required(explainer, "explainer").explainer, images, count,
                &Explainer::attack_batch, asked);
  });
}

hdecomp_status hdecomp_attack_get(const hdecomp_attack* attack, hdecomp_attack_info* info) {
  return guarded([&] {
    const Attacked& its = required(attack, "attack").attacked;
    give(hdecomp_attack_info{0, its.fooled ? 1 : 0, its.fooled_in_8_bits ? 1 : 0, its.distance,
                             its.loss_before, its.loss, its.image.height, its.image.width,
                             its.image.planes.data(), its.layer.c_str()},
         info, "info");
  });
}

hdecomp_status hdecomp_attack_score(const hdecomp_attack* attack, int64_t i,
                                    hdecomp_class_score* score) {
  return guarded([&] {
    const Attacked& its = required(attack, "attack").attacked;
    const std::vector<const ClassScore*> all{&its.before, &its.after, &its.new_before,
                                             &its.new_after};
    give(score_of(*at(all, i, "score")), score, "score");
  });
}

int64_t hdecomp_attack_channel_count(const hdecomp_attack* attack, hdecomp_attacked_kind kind) {
  return count_of([&] { return std::ssize(channels_of(attack, kind)); });
}

hdecomp_status hdecomp_attack_channel(const hdecomp_attack* attack, hdecomp_attacked_kind kind,
                                      int64_t i, hdecomp_attacked_channel* channel) {
  return guarded([&] {
    const AttackedChannel& its = at(channels_of(attack, kind), i, "channel");
    give(hdecomp_attacked_channel{0, its.channel, its.before, its.after, its.moved}, channel,
         "channel");
  });
}

hdecomp_status hdecomp_attack_copy(const hdecomp_attack* attack, hdecomp_image** image) {
  return guarded([&] {
    required(image, "image");
    put(image, required(attack, "attack").attacked.image);
  });
}

void hdecomp_attack_free(hdecomp_attack* attack) { delete attack; }

}  // extern "C"
