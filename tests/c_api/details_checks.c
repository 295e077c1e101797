/* c_api_test: several images together, the channels of an attack, and what else is read in detail.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"

void check_attacked_channels(hdecomp_explainer* explainer, const hdecomp_image* image,
                             const hdecomp_results* results, int64_t i) {
  hdecomp_attack_options options = {
      .struct_size = sizeof options, .steps = 2, .eps = 0.01, .channels = 4};
  hdecomp_attack_info info = {.struct_size = sizeof info};
  hdecomp_attacked_channel found = {.struct_size = sizeof found};
  hdecomp_result_field peaks = {.struct_size = sizeof peaks}, moved = {.struct_size = sizeof moved};
  hdecomp_attack* attack = NULL;
  int64_t kind, k;
  CHECK(hdecomp_results_find(results, "peaks", &peaks) == HDECOMP_OK && peaks.shape[2] == 4);
  CHECK(hdecomp_results_find(results, "moved", &moved) == HDECOMP_OK);
  CHECK(hdecomp_attack_image(explainer, image, &options, &attack) == HDECOMP_OK);
  CHECK(hdecomp_attack_get(attack, &info) == HDECOMP_OK && strcmp(info.layer, "conv5_3") == 0);
  for (kind = HDECOMP_OF_ATTACKED_CLASS; kind <= HDECOMP_OF_NEW_CLASS_AFTER; ++kind) {
    CHECK(hdecomp_attack_channel_count(attack, (hdecomp_attacked_kind)kind) == 4);
    for (k = 0; k < 4; ++k) {
      const int64_t place = (i * 3 + kind) * 4 + k;
      CHECK(hdecomp_attack_channel(attack, (hdecomp_attacked_kind)kind, k, &found) == HDECOMP_OK);
      CHECK(found.channel >= 0 && found.channel < 128 && found.before > 0);
      CHECK(found.before == peaks.values[2 * place] && found.after == peaks.values[2 * place + 1]);
      CHECK((float)found.moved == moved.values[place]);
    }
  }
  CHECK_ERROR(hdecomp_attack_channel(attack, HDECOMP_OF_NEW_CLASS, 4, &found), HDECOMP_WRONG,
              "no channel 4");
  CHECK_ERROR(hdecomp_attack_channel(attack, (hdecomp_attacked_kind)3, 0, &found), HDECOMP_WRONG,
              "no kind 3");
  CHECK(hdecomp_attack_channel_count(attack, (hdecomp_attacked_kind)3) == 0);
  hdecomp_attack_free(attack);
  attack = NULL;
  options.channels = 0;
  CHECK(hdecomp_attack_image(explainer, image, &options, &attack) == HDECOMP_OK);
  CHECK(hdecomp_attack_get(attack, &info) == HDECOMP_OK && info.layer[0] == '\0');
  CHECK(hdecomp_attack_channel_count(attack, HDECOMP_OF_NEW_CLASS) == 0);
  hdecomp_attack_free(attack);
  attack = NULL;
  options.channels = -1;
  CHECK_ERROR(hdecomp_attack_image(explainer, image, &options, &attack), HDECOMP_WRONG, "channels");
  CHECK(attack == NULL);
}

static void check_levels(hdecomp_explainer* explainer, const hdecomp_image* image) {
  hdecomp_explain_options options = {.struct_size = sizeof options, .depth = 2, .surrogate = 1};
  hdecomp_tree_level_info level = {.struct_size = sizeof level};
  hdecomp_tree* tree = NULL;
  hdecomp_text* json = NULL;
  char told[128];
  int64_t i;
  double last = 1;
  CHECK(hdecomp_explain(explainer, image, &options, &tree) == HDECOMP_OK);
  CHECK(hdecomp_tree_json(tree, -1, &json) == HDECOMP_OK);
  CHECK(hdecomp_tree_level_count(tree) == 2);
  for (i = 0; i < 2; ++i) {
    CHECK(hdecomp_tree_level(tree, i, &level) == HDECOMP_OK);
    CHECK(strcmp(level.layer, i == 0 ? "conv5_3" : "conv4_3") == 0 && level.channels > 0);
    CHECK(level.reach > 0 && level.reach < last && level.has_surrogate);
    snprintf(told, sizeof told, "{\"layer\":\"%s\",\"channels\":%d,\"reach\":", level.layer,
             (int)level.channels);
    CHECK(strstr(hdecomp_text_get(json), told) != NULL);
    snprintf(told, sizeof told, "{\"index\":%d,\"name\":\"%s\"", (int)level.class_index,
             level.class_name);
    CHECK(strstr(hdecomp_text_get(json), told) != NULL && level.probability > 0);
    last = level.reach;
  }
  CHECK_ERROR(hdecomp_tree_level(tree, 2, &level), HDECOMP_WRONG, "no level 2");
  hdecomp_text_free(json);
  hdecomp_tree_free(tree);
}

static int32_t end_at_once(void* data, int64_t done, int64_t of) {
  CHECK(done > 0 && done <= of);
  ++*(int64_t*)data;
  return of > 100; /* of channels; groups are fewer */
}

static void check_groups(hdecomp_explainer* explainer, const hdecomp_image* image) {
  hdecomp_ablation_options options = {
      .struct_size = sizeof options, .merge_overlaps = 0.2, .mask_threshold = 0.2};
  hdecomp_ablation_info info = {.struct_size = sizeof info};
  hdecomp_ablation_channels group = {.struct_size = sizeof group};
  hdecomp_ablation *ablation = NULL, *none = NULL;
  int64_t i, told = 0;
  size_t k;
  CHECK(hdecomp_ablate(explainer, image, "class:faces_easy", NULL, &options, &ablation) ==
        HDECOMP_OK);
  CHECK(hdecomp_ablation_get(ablation, &info) == HDECOMP_OK && info.groups > 0);
  CHECK(fabs(info.with_peak) <= 1 && fabs(info.with_mean_gradient) <= 1 &&
        fabs(info.with_max_gradient) <= 1);
  for (i = 0; i < info.groups; ++i) {
    double sum = 0;
    CHECK(hdecomp_ablation_group(ablation, i, &group) == HDECOMP_OK && group.channel_count > 1);
    for (k = 0; k < group.channel_count; ++k) sum += info.drops[group.channels[k]];
    CHECK(fabs(sum - group.members_drop) < 1e-5 && group.drop != 0);
  }
  CHECK_ERROR(hdecomp_ablation_group(ablation, i, &group), HDECOMP_WRONG, "no group");
  hdecomp_ablation_free(ablation);
  options.after_batch = end_at_once;
  options.data = &told;
  CHECK_ERROR(hdecomp_ablate(explainer, image, "class:faces_easy", NULL, &options, &none),
              HDECOMP_STOPPED, "callback");
  CHECK(told == 1 && none == NULL);
}

void check_details(const hdecomp_model* model, hdecomp_explainer* explainer,
                   const hdecomp_image* image) {
  hdecomp_step_options options = {.struct_size = sizeof options, .against = 1, .keep_maps = 1};
  hdecomp_engine_options engine = {.struct_size = sizeof engine, .device = "cpu"};
  hdecomp_rectangle field = {.struct_size = sizeof field};
  hdecomp_step step = {.struct_size = sizeof step};
  hdecomp_node node = {.struct_size = sizeof node};
  hdecomp_scores* scores = NULL;
  hdecomp_class_score first = {.struct_size = sizeof first}, second = first, lead = first;
  hdecomp_model *versus = NULL, *none = NULL;
  hdecomp_explainer* other = NULL;
  hdecomp_tree* tree = NULL;
  int32_t k, worst = 0;
  int64_t i;
  check_levels(explainer, image);
  check_groups(explainer, image);
  CHECK(hdecomp_decompose(explainer, image, "class:faces_easy", "conv5_3", NULL, &tree) ==
        HDECOMP_OK);
  CHECK(hdecomp_tree_level_count(tree) == 0 && hdecomp_tree_step(tree, 0, &step) == HDECOMP_OK);
  for (k = 0; k < step.channels; ++k) {
    if (step.contribution[k] < step.contribution[worst]) worst = k;
  }
  CHECK(step.contribution[worst] < 0);
  hdecomp_tree_free(tree);
  options.channels = &worst;
  options.channel_count = 1;
  CHECK(hdecomp_decompose(explainer, image, "class:faces_easy", "conv5_3", &options, &tree) ==
        HDECOMP_OK);
  CHECK(hdecomp_tree_node(tree, 1, &node) == HDECOMP_OK && node.channel == worst);
  CHECK(node.contribution < 0 && node.map != NULL);
  for (i = 0; i < node.map_rows * node.map_columns; ++i) {
    CHECK(node.map[i] >=
          node.map[(node.y - node.map_top) * node.map_columns + node.x - node.map_left]);
  }
  hdecomp_tree_free(tree);

  CHECK(hdecomp_model_receptive_field(model, "input", 5, 7, &field) == HDECOMP_OK);
  CHECK(field.y == 5 && field.x == 7 && field.height == 1 && field.width == 1);
  CHECK(hdecomp_model_receptive_field(model, "conv1_2", 50, 60, &field) == HDECOMP_OK);
  CHECK(field.y == 48 && field.x == 58 && field.height == 5 && field.width == 5);
  CHECK_ERROR(hdecomp_model_receptive_field(model, "conv9", 0, 0, &field), HDECOMP_WRONG, "conv9");

  CHECK(hdecomp_classify(explainer, image, 2, &scores) == HDECOMP_OK);
  CHECK(hdecomp_scores_get(scores, 0, &first) == HDECOMP_OK);
  CHECK(hdecomp_scores_get(scores, 1, &second) == HDECOMP_OK);
  CHECK(hdecomp_model_versus(model, first.name, second.name, &versus) == HDECOMP_OK);
  CHECK_ERROR(hdecomp_model_versus(model, first.name, "unicorn", &none), HDECOMP_WRONG, "unicorn");
  CHECK(none == NULL && hdecomp_explainer_new(versus, &engine, &other) == HDECOMP_OK);
  hdecomp_scores_free(scores);
  scores = NULL;
  CHECK(hdecomp_classify(other, image, 1, &scores) == HDECOMP_OK);
  CHECK(hdecomp_scores_get(scores, 0, &lead) == HDECOMP_OK && lead.index == 0);
  CHECK(fabsf(lead.score - (first.score - second.score)) < 1e-4f);
  hdecomp_scores_free(scores);
  hdecomp_explainer_free(other);
  hdecomp_model_free(versus);
}

static int32_t count_changes(void* told, int64_t done, int64_t of) {
  CHECK(of == 3);
  *(int64_t*)told = done;
  return 0;
}

void check_mask(hdecomp_explainer* explainer, const hdecomp_image* image) {
  hdecomp_image_info size = {.struct_size = sizeof size};
  hdecomp_what_if_options options = {.struct_size = sizeof options, .controls = 2};
  hdecomp_what_if *marked = NULL, *boxed = NULL, *none = NULL;
  hdecomp_class_score one = {.struct_size = sizeof one}, other = one;
  unsigned char* mask;
  int64_t told = 0, y, i, height, width;
  CHECK(hdecomp_image_get(image, &size) == HDECOMP_OK && size.height == 228 && size.width == 210);
  height = size.height, width = size.width;
  mask = calloc((size_t)(height * width), 1);
  if (mask == NULL) exit(3);
  options.after_batch = count_changes;
  options.data = &told;
  CHECK_ERROR(hdecomp_what_if_mask(explainer, image, mask, height, width, &options, &none),
              HDECOMP_WRONG, "without a pixel");
  for (y = 100; y < 140; ++y) memset(mask + y * width + 100, 1, 50);
  CHECK(hdecomp_what_if_mask(explainer, image, mask, height, width, &options, &marked) ==
        HDECOMP_OK);
  CHECK(told == 3);
  CHECK(hdecomp_what_if_box(explainer, image, 100, 100, 50, 40, &options, &boxed) == HDECOMP_OK);
  for (i = 0; i < 4; ++i) {
    CHECK(hdecomp_what_if_decision(marked, i, &one) == HDECOMP_OK);
    CHECK(hdecomp_what_if_decision(boxed, i, &other) == HDECOMP_OK && one.score == other.score);
  }
  hdecomp_what_if_free(marked);
  mask[0] = 1, mask[110 * width + 110] = 0;
  CHECK(hdecomp_what_if_mask(explainer, image, mask, height, width, &options, &marked) ==
        HDECOMP_OK);
  CHECK(hdecomp_what_if_decision(marked, 1, &one) == HDECOMP_OK);
  CHECK(hdecomp_what_if_decision(boxed, 1, &other) == HDECOMP_OK && one.score != other.score);
  CHECK_ERROR(hdecomp_what_if_mask(explainer, image, mask, width, height + 1, &options, &none),
              HDECOMP_WRONG, "a mask of");
  CHECK_ERROR(hdecomp_what_if_mask(explainer, image, NULL, height, width, &options, &none),
              HDECOMP_WRONG, "mask is NULL");
  CHECK(none == NULL);
  hdecomp_what_if_free(marked);
  hdecomp_what_if_free(boxed);
  free(mask);
}
