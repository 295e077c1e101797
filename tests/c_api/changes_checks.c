/* c_api_test: attacks, names for channels, conversion. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"

static hdecomp_class_score score_at(const hdecomp_attack* attack, int64_t i) {
  hdecomp_class_score score = {.struct_size = sizeof score};
  CHECK(hdecomp_attack_score(attack, i, &score) == HDECOMP_OK);
  return score;
}

static int32_t steps_told = 0;
static int32_t count_steps(void* most, int64_t done, int64_t of) {
  CHECK(done == ++steps_told && of == 3);
  return done >= *(int32_t*)most;
}

void check_attack(hdecomp_explainer* explainer, const hdecomp_image* image, int64_t index) {
  hdecomp_attack_options options = {.struct_size = sizeof options, .eps = 0.06, .unmoved = 1};
  hdecomp_attack_info info = {.struct_size = sizeof info};
  hdecomp_attack *attack = NULL, *none = NULL;
  hdecomp_class_score before, after, other, best = {.struct_size = sizeof best};
  hdecomp_image* changed = NULL;
  hdecomp_scores* scores = NULL;
  hdecomp_stop* stop = NULL;
  int32_t most = 100;
  int64_t i;
  steps_told = 0;
  CHECK(hdecomp_attack_image(explainer, image, &options, &attack) == HDECOMP_OK);
  CHECK(hdecomp_attack_get(attack, &info) == HDECOMP_OK);
  before = score_at(attack, 0), after = score_at(attack, 1), other = score_at(attack, 3);
  CHECK(info.fooled && info.distance > 0 && info.distance < 0.0601 && info.loss > info.loss_before);
  CHECK(before.index == index && after.index == index && after.probability < before.probability);
  CHECK(other.index != index && other.index == score_at(attack, 2).index);
  CHECK(score_at(attack, 2).probability < other.probability);
  CHECK_ERROR(hdecomp_attack_score(attack, 4, &best), HDECOMP_WRONG, "no score 4");
  for (i = 0; i < 3 * info.height * info.width; ++i) {
    CHECK(info.planes[i] >= 0 && info.planes[i] <= 1);
  }
  CHECK(hdecomp_attack_copy(attack, &changed) == HDECOMP_OK);
  hdecomp_attack_free(attack); /* the image is the caller's */
  CHECK(hdecomp_classify(explainer, changed, 1, &scores) == HDECOMP_OK);
  CHECK(hdecomp_scores_get(scores, 0, &best) == HDECOMP_OK);
  CHECK(best.index == other.index && best.probability == other.probability);
  hdecomp_scores_free(scores);
  hdecomp_image_free(changed);

  options.steps = 3;
  options.after_step = count_steps;
  options.data = &most;
  attack = NULL;
  CHECK(hdecomp_attack_image(explainer, image, &options, &attack) == HDECOMP_OK);
  CHECK(steps_told == 3);
  hdecomp_attack_free(attack);
  steps_told = 0, most = 1;
  CHECK_ERROR(hdecomp_attack_image(explainer, image, &options, &none), HDECOMP_STOPPED, "callback");
  CHECK(steps_told == 1);
  options.after_step = NULL;
  CHECK(hdecomp_stop_new(&stop) == HDECOMP_OK);
  hdecomp_stop_request(stop);
  options.stop = stop;
  CHECK_ERROR(hdecomp_attack_image(explainer, image, &options, &none), HDECOMP_STOPPED, "stopped");
  hdecomp_stop_free(stop);
  options.stop = NULL;
  options.aim = "unicorn";
  CHECK_ERROR(hdecomp_attack_image(explainer, image, &options, &none), HDECOMP_WRONG, "unicorn");
  options.aim = NULL;
  options.eps = -1;
  CHECK_ERROR(hdecomp_attack_image(explainer, image, &options, &none), HDECOMP_WRONG, "eps");
  CHECK_ERROR(hdecomp_attack_image(explainer, NULL, NULL, &none), HDECOMP_WRONG, "image is NULL");
  CHECK(none == NULL);
}

/* Below the root each is called as its channel is, and one or more have a name. */
static void check_named_nodes(const hdecomp_tree* tree, const hdecomp_concepts* concepts) {
  hdecomp_concept channel = {.struct_size = sizeof channel};
  hdecomp_node node = {.struct_size = sizeof node};
  int64_t i, named = 0;
  CHECK(hdecomp_tree_node(tree, 0, &node) == HDECOMP_OK && node.concept_name[0] == '\0');
  for (i = 1; i < hdecomp_tree_node_count(tree); ++i) {
    CHECK(hdecomp_tree_node(tree, i, &node) == HDECOMP_OK);
    CHECK(hdecomp_concepts_find(concepts, node.layer, node.channel, &channel) == HDECOMP_OK);
    CHECK(strcmp(node.concept_name, channel.name) == 0 && node.concept_part == channel.part);
    named += node.concept_name[0] != '\0';
  }
  CHECK(named > 0);
}

void check_concepts(const hdecomp_model* model, const char* model_path, const char* folder,
                    hdecomp_explainer* explainer, const hdecomp_image* image) {
  hdecomp_concepts *concepts = NULL, *none = NULL;
  hdecomp_concepts_info info = {.struct_size = sizeof info};
  hdecomp_concept found = {.struct_size = sizeof found};
  hdecomp_explain_options options = {.struct_size = sizeof options, .depth = 1, .top = 1};
  hdecomp_tree* tree = NULL;
  hdecomp_text* json = NULL;
  const char* layer = NULL;
  char path[4096];
  int64_t channel, named = 0;
  path_in(path, folder, "names.h5");
  CHECK(hdecomp_concepts_load(path, model, model_path, &concepts) == HDECOMP_OK);
  CHECK(hdecomp_concepts_get(concepts, &info) == HDECOMP_OK);
  CHECK(info.images == 5 && info.layers == 5 && info.by_patches && info.least == 0.5);
  CHECK(hdecomp_concepts_layer(concepts, 0, &layer) == HDECOMP_OK && strcmp(layer, "conv5_3") == 0);
  CHECK_ERROR(hdecomp_concepts_layer(concepts, 5, &layer), HDECOMP_WRONG, "no layer 5");
  for (channel = 0; channel < 128; ++channel) {
    CHECK(hdecomp_concepts_find(concepts, layer, channel, &found) == HDECOMP_OK);
    CHECK((found.name[0] != '\0') == (found.part >= info.least));
    named += found.name[0] != '\0';
  }
  CHECK(named > 0);
  CHECK(hdecomp_concepts_find(concepts, "fc6", 0, &found) == HDECOMP_OK);
  CHECK(found.name[0] == '\0' && found.part == 0 && found.mask == 0);
  CHECK_ERROR(hdecomp_concepts_load(path, model, path, &none), HDECOMP_WRONG, "names.h5");
  CHECK_ERROR(hdecomp_concepts_load("/no/names", model, model_path, &none), HDECOMP_WRONG,
              "/no/names");
  CHECK(none == NULL);

  options.concepts = concepts;
  options.top = 8;
  CHECK(hdecomp_explain(explainer, image, &options, &tree) == HDECOMP_OK);
  check_named_nodes(tree, concepts);
  hdecomp_concepts_free(concepts); /* the tree keeps them */
  CHECK(hdecomp_tree_json(tree, -1, &json) == HDECOMP_OK);
  CHECK(strstr(hdecomp_text_get(json), "\"concepts\":{") != NULL);
  hdecomp_text_free(json);
  hdecomp_tree_free(tree);
}

/* AlexNet of four channels and six classes as a .safetensors file: a header in JSON, then floats.
 */
static void write_alexnet(const char* path) {
  static const struct {
    const char* name;
    int shape[4];
  } layers[] = {{"features.0", {4, 3, 11, 11}}, {"features.3", {4, 4, 5, 5}},
                {"features.6", {4, 4, 3, 3}},   {"features.8", {4, 4, 3, 3}},
                {"features.10", {4, 4, 3, 3}},  {"classifier.1", {8, 144, 0, 0}},
                {"classifier.4", {8, 8, 0, 0}}, {"classifier.6", {6, 8, 0, 0}}};
  char header[4096] = "{";
  size_t used = 1, end = 0, i;
  unsigned char length[8] = {0};
  FILE* file = fopen(path, "wb");
  if (file == NULL) exit(3);
  for (i = 0; i < sizeof layers / sizeof layers[0]; ++i) {
    const int* s = layers[i].shape;
    const size_t weights = (size_t)(s[0] * s[1] * (s[2] ? s[2] * s[3] : 1)) * sizeof(float);
    const size_t biases = (size_t)s[0] * sizeof(float);
    char shape[64];
    snprintf(shape, sizeof shape, s[2] ? "%d,%d,%d,%d" : "%d,%d", s[0], s[1], s[2], s[3]);
    used += (size_t)snprintf(
        header + used, sizeof header - used,
        "%s\"%s.weight\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[%zu,%zu]},"
        "\"%s.bias\":{\"dtype\":\"F32\",\"shape\":[%d],\"data_offsets\":[%zu,%zu]}",
        i ? "," : "", layers[i].name, shape, end, end + weights, layers[i].name, s[0],
        end + weights, end + weights + biases);
    end += weights + biases;
  }
  used += (size_t)snprintf(header + used, sizeof header - used, "}");
  length[0] = (unsigned char)(used & 255), length[1] = (unsigned char)(used >> 8);
  CHECK(fwrite(length, 1, 8, file) == 8 && fwrite(header, 1, used, file) == used);
  for (i = 0; i < end / sizeof(float); ++i) {
    const float value = (float)((int)(i * 7919 % 201) - 100) / 1000;
    CHECK(fwrite(&value, sizeof value, 1, file) == 1);
  }
  CHECK(fclose(file) == 0);
}

void check_conversion(const char* folder) {
  const float half = 0.5f, three[3] = {0.1f, 0.2f, 0.3f};
  hdecomp_convert_options options = {.struct_size = sizeof options,
                                     .mean = three,
                                     .mean_count = 3,
                                     .std = &half,
                                     .std_count = 1,
                                     .channel_order = "bgr",
                                     .interpolation = "bicubic",
                                     .resize_height = 230,
                                     .resize_width = 240,
                                     .stretch = 1};
  hdecomp_model *model = NULL, *again = NULL, *none = NULL;
  hdecomp_model_info info = {.struct_size = sizeof info};
  hdecomp_preprocess rule = {.struct_size = sizeof rule}, saved = rule;
  char path[4096], output[4096];
  const char* line = NULL;
  path_in(path, folder, "alexnet.safetensors");
  path_in(output, folder, "alexnet.h5");
  write_alexnet(path);
  CHECK(hdecomp_model_convert(path, NULL, &model) == HDECOMP_OK);
  CHECK(hdecomp_model_get(model, &info) == HDECOMP_OK && info.classes == 6 && info.stages == 5);
  CHECK(hdecomp_model_assumed_count(model) > 0);
  CHECK(hdecomp_model_assumed(model, 0, &line) == HDECOMP_OK && line[0] != '\0');
  CHECK_ERROR(hdecomp_model_assumed(model, -1, &line), HDECOMP_WRONG, "no line -1");
  hdecomp_model_free(model);
  model = NULL;
  CHECK(hdecomp_model_convert(path, &options, &model) == HDECOMP_OK);
  CHECK(hdecomp_model_preprocess(model, &rule) == HDECOMP_OK);
  CHECK(rule.resize_height == 230 && rule.resize_width == 240 && rule.stretch == 1);
  CHECK(rule.interpolation == 1 && rule.mean[0] == three[2] && rule.mean[2] == three[0]);
  CHECK(rule.std[1] == half);
  CHECK(hdecomp_model_save(model, output) == HDECOMP_OK);
  CHECK(hdecomp_model_load(output, &again) == HDECOMP_OK);
  CHECK(hdecomp_model_preprocess(again, &saved) == HDECOMP_OK);
  CHECK(memcmp(&rule, &saved, sizeof rule) == 0);
  CHECK(hdecomp_model_assumed_count(again) == 0);
  hdecomp_model_free(again);
  hdecomp_model_free(model);

  options.mean_count = 2;
  CHECK_ERROR(hdecomp_model_convert(path, &options, &none), HDECOMP_WRONG, "mean of 2");
  options.mean_count = 0;
  options.channel_order = "gbr";
  CHECK_ERROR(hdecomp_model_convert(path, &options, &none), HDECOMP_WRONG, "gbr");
  options.channel_order = NULL;
  options.resize_width = 0;
  CHECK_ERROR(hdecomp_model_convert(path, &options, &none), HDECOMP_WRONG, "resize_height");
  CHECK_ERROR(hdecomp_model_convert("/no/such.pth", NULL, &none), HDECOMP_WRONG, "/no/such.pth");
  CHECK(none == NULL);
  CHECK(hdecomp_model_initialise("squeezenet1_1", 3, 7, 64, &none) == HDECOMP_OK);
  path_in(output, folder, "own-init.h5");
  CHECK(hdecomp_model_save(none, output) == HDECOMP_OK);
  CHECK(are_same(output, path_in(path, folder, "told/init.h5")));
  hdecomp_model_free(none);
  none = NULL;
  CHECK_ERROR(hdecomp_model_initialise("nothing", 0, 0, 0, &none), HDECOMP_WRONG, "nothing");
  CHECK(none == NULL);
}
