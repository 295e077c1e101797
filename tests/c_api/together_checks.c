/* c_api_test: several images together, and batches begun one after the other. */
#include <string.h>

#include "checks.h"

static int64_t images_told[8], tellings = 0;
static int32_t note_images(void* most, int64_t done, int64_t of) {
  CHECK(of == 3 && tellings < 8);
  images_told[tellings++] = done;
  return done >= *(int64_t*)most;
}

static void check_maps(hdecomp_explainer* explainer, const hdecomp_image* const* three) {
  hdecomp_saliency_options options = {
      .struct_size = sizeof options, .method = "integrated-gradients", .samples = 4};
  hdecomp_saliency *maps[3] = {NULL, NULL, NULL}, *alone = NULL;
  hdecomp_saliency_info one = {.struct_size = sizeof one}, other = {.struct_size = sizeof other};
  const hdecomp_image* missing[] = {three[0], three[1], NULL};
  size_t i;
  CHECK_ERROR(hdecomp_saliency_batch(explainer, missing, 3, &options, maps), HDECOMP_WRONG, "NULL");
  CHECK(maps[0] == NULL && maps[1] == NULL && maps[2] == NULL);
  CHECK(hdecomp_saliency_batch(explainer, three, 3, &options, maps) == HDECOMP_OK);
  for (i = 0; i < 3; ++i) {
    CHECK(hdecomp_saliency_map(explainer, three[i], &options, &alone) == HDECOMP_OK);
    CHECK(hdecomp_saliency_get(maps[i], &one) == HDECOMP_OK);
    CHECK(hdecomp_saliency_get(alone, &other) == HDECOMP_OK);
    CHECK(one.class_index == other.class_index && one.sum == other.sum && one.sum != 0);
    CHECK(one.difference == other.difference && one.leaves == 0 && one.paths == 0);
    CHECK(memcmp(one.values, other.values,
                 sizeof(float) * (size_t)(one.channels * one.height * one.width)) == 0);
    hdecomp_saliency_free(maps[i]);
    hdecomp_saliency_free(alone);
  }
  options.method = "gap";
  CHECK_ERROR(hdecomp_saliency_map(explainer, three[0], &options, &alone), HDECOMP_WRONG,
              "samples: method gap has no use for it; smoothgrad, integrated-gradients have");
}

static void check_attacks(hdecomp_explainer* explainer, const hdecomp_image* const* three) {
  hdecomp_attack_options options = {.struct_size = sizeof options, .steps = 1};
  hdecomp_attack *attacks[3] = {NULL, NULL, NULL}, *alone = NULL;
  hdecomp_attack_info one = {.struct_size = sizeof one}, other = {.struct_size = sizeof other};
  size_t i;
  CHECK(hdecomp_attack_batch(explainer, three, 3, &options, attacks) == HDECOMP_OK);
  for (i = 0; i < 3; ++i) {
    CHECK(hdecomp_attack_image(explainer, three[i], &options, &alone) == HDECOMP_OK);
    CHECK(hdecomp_attack_get(attacks[i], &one) == HDECOMP_OK);
    CHECK(hdecomp_attack_get(alone, &other) == HDECOMP_OK);
    CHECK(one.loss == other.loss && one.distance == other.distance);
    CHECK(memcmp(one.planes, other.planes, sizeof(float) * (size_t)(3 * one.height * one.width)) ==
          0);
    hdecomp_attack_free(attacks[i]);
    hdecomp_attack_free(alone);
  }
  CHECK_ERROR(hdecomp_attack_batch(explainer, NULL, 3, &options, attacks), HDECOMP_WRONG,
              "images is NULL");
}

static double score_in(const hdecomp_trees* trees, int64_t i) {
  const hdecomp_tree* tree = NULL;
  hdecomp_class_score decision = {.struct_size = sizeof decision};
  CHECK(hdecomp_trees_get(trees, i, &tree) == HDECOMP_OK);
  CHECK(hdecomp_tree_decision(tree, &decision) == HDECOMP_OK);
  return decision.score;
}

/* Two batches begun at once; what is asked in between is refused. */
static void check_ahead(hdecomp_explainer* explainer, const hdecomp_image* const* three) {
  const hdecomp_explain_options options = {.struct_size = sizeof options, .depth = 1};
  hdecomp_explain_options wrong = {.struct_size = sizeof wrong, .target = "unicorn"};
  hdecomp_trees *all = NULL, *first = NULL, *second = NULL, *none = NULL;
  hdecomp_tree* tree = NULL;
  CHECK(hdecomp_explain_batch(explainer, three, 3, &options, &all) == HDECOMP_OK);
  CHECK_ERROR(hdecomp_finish_batch(explainer, &none), HDECOMP_WRONG, "no batch");
  CHECK_ERROR(hdecomp_begin_batch(explainer, three, 3, &options), HDECOMP_WRONG, "batch of 3");
  CHECK_ERROR(hdecomp_begin_batch(explainer, three, 0, &options), HDECOMP_WRONG, "batch of 0");
  CHECK(hdecomp_begin_batch(explainer, three, 2, &options) == HDECOMP_OK);
  CHECK_ERROR(hdecomp_begin_batch(explainer, three, 2, &wrong), HDECOMP_WRONG, "unicorn");
  CHECK(hdecomp_begin_batch(explainer, three + 2, 1, &options) == HDECOMP_OK);
  CHECK_ERROR(hdecomp_explain(explainer, three[0], &options, &tree), HDECOMP_FAILED, "begun");
  CHECK(hdecomp_finish_batch(explainer, &first) == HDECOMP_OK && hdecomp_trees_count(first) == 2);
  CHECK(hdecomp_finish_batch(explainer, &second) == HDECOMP_OK && hdecomp_trees_count(second) == 1);
  CHECK(score_in(first, 0) == score_in(all, 0) && score_in(first, 1) == score_in(all, 1));
  CHECK(score_in(second, 0) == score_in(all, 2) && score_in(all, 0) != score_in(all, 1));
  CHECK_ERROR(hdecomp_finish_batch(explainer, &none), HDECOMP_WRONG, "no batch");
  CHECK(none == NULL && tree == NULL);
  hdecomp_trees_free(all);
  hdecomp_trees_free(first);
  hdecomp_trees_free(second);
  CHECK(hdecomp_begin_batch(explainer, three, 1, &options) == HDECOMP_OK); /* and is left so */
}

void check_together(const hdecomp_model* model, const hdecomp_image* image) {
  hdecomp_engine_options engine = {.struct_size = sizeof engine, .device = "cpu", .batch = 2};
  hdecomp_explain_options options = {.struct_size = sizeof options, .depth = 1};
  const unsigned char colours[] = {200, 40, 10, 30, 180, 90};
  const hdecomp_pixels pixels = {
      .struct_size = sizeof pixels, .bytes = colours, .size = 6, .height = 1, .width = 2};
  hdecomp_explainer* explainer = NULL;
  hdecomp_image* stripes = NULL;
  hdecomp_trees* trees = NULL;
  hdecomp_tree* tree = NULL;
  const hdecomp_image* three[3];
  int64_t most = 100;
  CHECK(hdecomp_explainer_new(model, &engine, &explainer) == HDECOMP_OK);
  CHECK(hdecomp_image_from_pixels(&pixels, &stripes) == HDECOMP_OK);
  three[0] = three[2] = image, three[1] = stripes;
  check_maps(explainer, three);
  check_attacks(explainer, three);
  tellings = 0;
  options.after_batch = note_images;
  options.data = &most;
  CHECK(hdecomp_explain_batch(explainer, three, 3, &options, &trees) == HDECOMP_OK);
  CHECK(tellings == 2 && images_told[0] == 2 && images_told[1] == 3);
  hdecomp_trees_free(trees);
  trees = NULL;
  most = 2, tellings = 0;
  CHECK_ERROR(hdecomp_explain_batch(explainer, three, 3, &options, &trees), HDECOMP_STOPPED,
              "callback");
  CHECK(tellings == 1 && trees == NULL);
  CHECK_ERROR(hdecomp_explain(explainer, image, &options, &tree), HDECOMP_WRONG, "after_batch");
  CHECK(tree == NULL);
  check_ahead(explainer, three);
  hdecomp_image_free(stripes);
  hdecomp_explainer_free(explainer);
}
