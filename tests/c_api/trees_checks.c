/* c_api_test: trees of one image and of several, single steps, what-ifs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"

/* Every node below `i`, by way of the children; shared ones as often as they are met. */
static void walk(const hdecomp_tree* tree, int64_t i, int depth) {
  hdecomp_node node = {.struct_size = sizeof node};
  hdecomp_step step = {.struct_size = sizeof step};
  int64_t k;
  CHECK(hdecomp_tree_node(tree, i, &node) == HDECOMP_OK);
  CHECK(node.layer[0] != '\0' && node.value > 0);
  if (i > 0) {
    CHECK(node.share > 0 && node.share <= 1 && node.contribution > 0);
    CHECK(node.map != NULL && node.map_rows * node.map_columns > 0);
    CHECK(node.map[(node.y - node.map_top) * node.map_columns + node.x - node.map_left] ==
          (float)node.peak);
  }
  if (node.child_count == 0) {
    CHECK(depth > 0);
    return;
  }
  CHECK(hdecomp_tree_step(tree, i, &step) == HDECOMP_OK);
  CHECK(step.chosen_count == (size_t)node.child_count && step.value == node.value);
  for (k = 0; k < node.child_count; ++k) {
    hdecomp_node child = {.struct_size = sizeof child};
    CHECK(hdecomp_tree_node(tree, node.first_child + k, &child) == HDECOMP_OK);
    CHECK(child.channel == step.chosen[k]);
    CHECK((float)child.contribution == step.contribution[child.channel]);
    CHECK(child.y * step.width + child.x == step.position[child.channel]);
    walk(tree, node.first_child + k, depth + 1);
  }
}

void check_trees(hdecomp_explainer* explainer, const hdecomp_image* image) {
  hdecomp_explain_options options = {.struct_size = sizeof options};
  hdecomp_step_options one = {.struct_size = sizeof one};
  hdecomp_tree *tree = NULL, *step = NULL, *none = NULL;
  hdecomp_class_score decision = {.struct_size = sizeof decision};
  hdecomp_node node = {.struct_size = sizeof node};
  hdecomp_text* json = NULL;
  hdecomp_stop* stop = NULL;
  char from[64];
  options.keep_maps = 1;
  options.top = 2;
  CHECK(hdecomp_explain(explainer, image, &options, &tree) == HDECOMP_OK);
  CHECK(hdecomp_tree_decision(tree, &decision) == HDECOMP_OK && decision.score > 0);
  walk(tree, 0, 0);
  CHECK(hdecomp_tree_json(tree, -1, &json) == HDECOMP_OK);
  CHECK(strstr(hdecomp_text_get(json), "\"format\":\"hdecomp-tree\"") != NULL);
  hdecomp_text_free(json);
  CHECK_ERROR(hdecomp_tree_node(tree, -1, &node), HDECOMP_WRONG, "no node -1");
  CHECK_ERROR(hdecomp_tree_node(tree, hdecomp_tree_node_count(tree), &node), HDECOMP_WRONG,
              "no node");
  CHECK(hdecomp_tree_node(tree, 1, &node) == HDECOMP_OK);
  snprintf(from, sizeof from, "class:%s", decision.name);
  one.top = 1;
  CHECK(hdecomp_decompose(explainer, image, from, node.layer, &one, &step) == HDECOMP_OK);
  CHECK(hdecomp_tree_node_count(step) == 2);
  CHECK_ERROR(hdecomp_tree_decision(step, &decision), HDECOMP_WRONG, "no class");
  hdecomp_tree_free(step);
  hdecomp_tree_free(tree);
  CHECK(hdecomp_stop_new(&stop) == HDECOMP_OK);
  hdecomp_stop_request(stop);
  one.stop = stop;
  step = NULL;
  CHECK_ERROR(hdecomp_decompose(explainer, image, from, "conv5_3", &one, &step), HDECOMP_STOPPED,
              "stopped");
  CHECK(step == NULL);
  hdecomp_stop_free(stop);

  options.target = "no such class";
  CHECK_ERROR(hdecomp_explain(explainer, image, &options, &none), HDECOMP_WRONG, "no such class");
  options.target = NULL;
  CHECK(hdecomp_stop_new(&stop) == HDECOMP_OK);
  hdecomp_stop_request(stop);
  options.stop = stop;
  CHECK_ERROR(hdecomp_explain(explainer, image, &options, &none), HDECOMP_STOPPED, "stopped");
  hdecomp_stop_free(stop);
  CHECK(none == NULL);
}

static hdecomp_node node_at(const hdecomp_tree* tree, int64_t i) {
  hdecomp_node node = {.struct_size = sizeof node};
  CHECK(hdecomp_tree_node(tree, i, &node) == HDECOMP_OK);
  return node;
}

/* A tree that begins with a feature, of as few channels as cover a share, with surrogates. */
void check_questions(hdecomp_explainer* explainer, const hdecomp_image* image) {
  hdecomp_explain_options options = {.struct_size = sizeof options, .depth = 1, .top = 100};
  hdecomp_tree *tree = NULL, *below = NULL, *none = NULL;
  hdecomp_step all = {.struct_size = sizeof all}, few = {.struct_size = sizeof few};
  hdecomp_class_score decision = {.struct_size = sizeof decision};
  hdecomp_node first, root, last;
  hdecomp_text* json = NULL;
  char from[64];
  CHECK(hdecomp_explain(explainer, image, &options, &tree) == HDECOMP_OK);
  CHECK(hdecomp_tree_step(tree, 0, &all) == HDECOMP_OK);
  first = node_at(tree, 1);
  snprintf(from, sizeof from, "%s:%d@%d,%d", first.layer, (int)first.channel, (int)first.y,
           (int)first.x);

  options.from = from;
  CHECK(hdecomp_explain(explainer, image, &options, &below) == HDECOMP_OK);
  CHECK(hdecomp_tree_decision(below, &decision) == HDECOMP_OK);
  CHECK(decision.index == -1 && strcmp(decision.name, from) == 0);
  root = node_at(below, 0);
  CHECK(strcmp(root.layer, first.layer) == 0 && root.channel == first.channel);
  CHECK(root.value == first.value && root.child_count > 0);
  CHECK(strcmp(node_at(below, root.first_child).layer, first.layer) != 0);
  hdecomp_tree_free(below);
  below = NULL;
  options.surrogate = 1;
  CHECK_ERROR(hdecomp_explain(explainer, image, &options, &none), HDECOMP_WRONG, "surrogate");
  options.surrogate = 0;
  options.target = "0";
  CHECK_ERROR(hdecomp_explain(explainer, image, &options, &none), HDECOMP_WRONG, "one decision");
  options.target = options.from = NULL;

  CHECK(hdecomp_tree_json(tree, -1, &json) == HDECOMP_OK);
  CHECK(strstr(hdecomp_text_get(json), "\"surrogate\"") == NULL);
  hdecomp_text_free(json);
  json = NULL;
  options.cover = 0.3;
  options.surrogate = 1;
  CHECK(hdecomp_explain(explainer, image, &options, &below) == HDECOMP_OK);
  CHECK(hdecomp_tree_step(below, 0, &few) == HDECOMP_OK);
  CHECK(few.chosen_count > 0 && few.chosen_count < all.chosen_count);
  root = node_at(below, 0);
  last = node_at(below, root.first_child + root.child_count - 1);
  CHECK(few.chosen_of_positive >= 0.3 && few.chosen_of_positive - last.share < 0.3);
  CHECK(hdecomp_tree_json(below, -1, &json) == HDECOMP_OK);
  CHECK(strstr(hdecomp_text_get(json), "\"surrogate\":{") != NULL);
  hdecomp_text_free(json);
  options.cover = 2;
  CHECK_ERROR(hdecomp_explain(explainer, image, &options, &none), HDECOMP_WRONG, "cover");
  CHECK(none == NULL);
  hdecomp_tree_free(below);
  hdecomp_tree_free(tree);
}

static int32_t levels_told = 0;
static int32_t count_levels(void* most, int32_t level) {
  CHECK(level == levels_told++);
  return level >= *(int32_t*)most;
}

/* Several images together give what each gives alone, and one that has no tree says why. */
void check_batches(const hdecomp_model* model, const hdecomp_image* image) {
  hdecomp_engine_options engine = {.struct_size = sizeof engine, .device = "cpu", .batch = 2};
  hdecomp_explain_options options = {
      .struct_size = sizeof options, .depth = 2, .guided = 1, .baseline = "mean"};
  hdecomp_explainer* explainer = NULL;
  hdecomp_image* grey = NULL;
  hdecomp_trees* trees = NULL;
  hdecomp_tree *alone = NULL, *none = NULL;
  const hdecomp_tree* tree = NULL;
  const unsigned char pixel = 128;
  const hdecomp_pixels one = {.struct_size = sizeof one,
                              .bytes = &pixel,
                              .size = 1,
                              .height = 1,
                              .width = 1,
                              .channels = 1};
  const hdecomp_image* three[3];
  hdecomp_node node, other;
  int32_t most = 100;
  int64_t i;
  levels_told = 0;
  CHECK(hdecomp_explainer_new(model, &engine, &explainer) == HDECOMP_OK);
  CHECK(hdecomp_image_from_pixels(&one, &grey) == HDECOMP_OK);
  three[0] = image, three[1] = grey, three[2] = image;
  CHECK(hdecomp_explain_batch(explainer, three, 3, &options, &trees) == HDECOMP_OK);
  CHECK(hdecomp_trees_count(trees) == 3);
  options.after_level = count_levels;
  options.data = &most;
  CHECK(hdecomp_explain(explainer, image, &options, &alone) == HDECOMP_OK && levels_told == 3);
  CHECK(hdecomp_trees_get(trees, 2, &tree) == HDECOMP_OK);
  CHECK(hdecomp_tree_node_count(tree) == hdecomp_tree_node_count(alone));
  for (i = 0; i < hdecomp_tree_node_count(alone); ++i) {
    node = node_at(tree, i), other = node_at(alone, i);
    CHECK(node.channel == other.channel && node.contribution == other.contribution);
    if (i > 0) {
      CHECK(node.guided != NULL && node.guided_height > 0 &&
            memcmp(node.guided, other.guided,
                   sizeof(float) * 3 * (size_t)(node.guided_height * node.guided_width)) == 0);
    }
  }
  CHECK_ERROR(hdecomp_trees_get(trees, 3, &tree), HDECOMP_WRONG, "no tree 3");
  hdecomp_trees_free(trees);
  trees = NULL;
  levels_told = most = 0;
  CHECK_ERROR(hdecomp_explain(explainer, image, &options, &none), HDECOMP_STOPPED, "callback");
  CHECK_ERROR(hdecomp_explain_batch(explainer, three, 3, &options, &trees), HDECOMP_WRONG,
              "one image");
  options.after_level = NULL;
  options.target = "1";
  CHECK(hdecomp_explain_batch(explainer, three, 1, &options, &trees) == HDECOMP_OK);
  CHECK(hdecomp_trees_get(trees, 0, &tree) == HDECOMP_OK || /* a score that is not positive */
        strstr(hdecomp_last_error(), "positive") != NULL);
  hdecomp_trees_free(trees);
  trees = NULL;
  options.baseline = "means";
  CHECK_ERROR(hdecomp_explain(explainer, image, &options, &none), HDECOMP_WRONG, "give the means");
  options.baseline = "median";
  CHECK_ERROR(hdecomp_explain(explainer, image, &options, &none), HDECOMP_WRONG, "median");
  three[1] = NULL;
  options.baseline = NULL;
  CHECK_ERROR(hdecomp_explain_batch(explainer, three, 3, &options, &trees), HDECOMP_WRONG, "NULL");
  CHECK(none == NULL && trees == NULL);
  hdecomp_tree_free(alone);
  hdecomp_image_free(grey);
  hdecomp_explainer_free(explainer);
}

void check_what_if(hdecomp_explainer* explainer, const hdecomp_image* image, float score) {
  hdecomp_what_if_options options = {.struct_size = sizeof options, .controls = 2, .fill = "zero"};
  hdecomp_what_if *result = NULL, *none = NULL;
  hdecomp_class_score before = {.struct_size = sizeof before}, after = before;
  hdecomp_step_options by_hand = {.struct_size = sizeof by_hand};
  hdecomp_tree* step = NULL;
  const int32_t channels[] = {70, 3};
  CHECK(hdecomp_what_if_off(explainer, image, "conv5_3:70", &options, &result) == HDECOMP_OK);
  CHECK(hdecomp_what_if_count(result) == 4);
  CHECK(hdecomp_what_if_decision(result, 0, &before) == HDECOMP_OK && before.score == score);
  CHECK(hdecomp_what_if_decision(result, 1, &after) == HDECOMP_OK && after.score < score);
  const float zeroed = after.score;
  CHECK(hdecomp_what_if_predicted(result, 3, &after) == HDECOMP_OK && after.probability > 0);
  CHECK_ERROR(hdecomp_what_if_decision(result, 4, &after), HDECOMP_WRONG, "no verdict 4");
  hdecomp_what_if_free(result);
  options.fill = NULL; /* is "zero" */
  CHECK(hdecomp_what_if_off(explainer, image, "conv5_3:70", &options, &result) == HDECOMP_OK);
  CHECK(hdecomp_what_if_decision(result, 1, &after) == HDECOMP_OK && after.score == zeroed);
  hdecomp_what_if_free(result);
  options.fill = "blur";
  CHECK_ERROR(hdecomp_what_if_off(explainer, image, "conv5_3:70", &options, &none), HDECOMP_WRONG,
              "blur");
  CHECK(hdecomp_what_if_box(explainer, image, 100, 100, 50, 40, &options, &result) == HDECOMP_OK);
  CHECK(hdecomp_what_if_decision(result, 0, &before) == HDECOMP_OK && before.score == score);
  CHECK(hdecomp_what_if_decision(result, 1, &after) == HDECOMP_OK && after.score != score);
  hdecomp_what_if_free(result);
  CHECK_ERROR(hdecomp_what_if_box(explainer, image, -1, 0, 5, 5, &options, &none), HDECOMP_WRONG,
              "not inside");
  CHECK(none == NULL);
  by_hand.channels = channels;
  by_hand.channel_count = 1;
  CHECK(hdecomp_decompose(explainer, image, "class:faces_easy", "conv5_3", &by_hand, &step) ==
        HDECOMP_OK);
  CHECK(hdecomp_tree_node_count(step) == 2 && node_at(step, 1).channel == 70);
  hdecomp_tree_free(step);
}
