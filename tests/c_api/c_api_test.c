/* The C interface from a program in C: c_api_test MODEL.h5 PHOTOGRAPH FOLDER [ROUNDS [leak]].
 * FOLDER is run.sh's. Checks what it gives and refuses; linked with a leak sanitizer it ends well
 * only if ROUNDS of that leave no memory behind. */
#include "checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int faults = 0;
void check(int truth, const char* what, const char* file, int line) {
  if (truth) return;
  fprintf(stderr, "%s:%d: not so: %s (last error: %s)\n", file, line, what, hdecomp_last_error());
  ++faults;
}

/* How many bytes two files both have; -1 where they differ. */
static long same_bytes(const char* one, const char* other) {
  FILE *a = fopen(one, "rb"), *b = fopen(other, "rb");
  int x = 0, y = 0;
  long bytes = -1;
  if (a == NULL || b == NULL) {
    fprintf(stderr, "%s or %s is not there\n", one, other);
    exit(3);
  }
  for (; x == y && x != EOF; ++bytes) x = fgetc(a), y = fgetc(b);
  fclose(a);
  fclose(b);
  return x == y ? bytes : -1;
}

int have_same_bytes(const char* one, const char* other) { return same_bytes(one, other) >= 0; }
int are_same(const char* one, const char* other) { return same_bytes(one, other) > 1000; }

const char* path_in(char path[4096], const char* folder, const char* name) {
  CHECK(snprintf(path, 4096, "%s/%s", folder, name) < 4096);
  return path;
}

static unsigned char* bytes_of(const char* path, size_t* size) {
  FILE* file = fopen(path, "rb");
  unsigned char* bytes;
  if (file == NULL) exit(3);
  fseek(file, 0, SEEK_END);
  *size = (size_t)ftell(file);
  rewind(file);
  bytes = malloc(*size);
  if (bytes == NULL || fread(bytes, 1, *size, file) != *size) exit(3);
  fclose(file);
  return bytes;
}

static int64_t class_of(hdecomp_explainer* explainer, const hdecomp_image* image, float* score) {
  hdecomp_scores* scores = NULL;
  hdecomp_class_score best = {.struct_size = sizeof best};
  CHECK(hdecomp_classify(explainer, image, 5, &scores) == HDECOMP_OK);
  CHECK(hdecomp_scores_count(scores) == 5);
  CHECK(hdecomp_scores_get(scores, 0, &best) == HDECOMP_OK);
  CHECK(best.probability > 0 && best.probability <= 1 && best.name[0] != '\0');
  CHECK_ERROR(hdecomp_scores_get(scores, 5, &best), HDECOMP_WRONG, "no score 5");
  hdecomp_scores_free(scores);
  *score = best.score;
  return best.index;
}

/* A line that is longer than the library keeps ends with a whole character, whichever of a
 * character's bytes the cut meets. */
static void check_long_errors(void) {
  static const char euro[] = "\xe2\x82\xac";
  size_t before;
  for (before = 0; before < 3; ++before) {
    char path[4000] = "";
    hdecomp_image* image = NULL;
    const char* line;
    size_t size, i;
    memset(path, 'a', before);
    for (i = before; i + 3 < sizeof path; i += 3) memcpy(path + i, euro, 3);
    CHECK(hdecomp_image_load(path, &image) == HDECOMP_WRONG && image == NULL);
    line = hdecomp_last_error();
    size = strlen(line);
    CHECK(size > 2000 && size < sizeof path && strncmp(line, path, size) == 0);
    CHECK((size - before) % 3 == 0);
  }
}

static void check_arrays(hdecomp_explainer* explainer, const hdecomp_image* image, float score) {
  hdecomp_saliency_options options = {.struct_size = sizeof options};
  hdecomp_ablation* ablation = NULL;
  hdecomp_saliency* map = NULL;
  hdecomp_features* features = NULL;
  hdecomp_ablation_info drops = {.struct_size = sizeof drops};
  hdecomp_saliency_info pixels = {.struct_size = sizeof pixels};
  hdecomp_features_info layer = {.struct_size = sizeof layer};
  hdecomp_scores* scores = NULL;
  hdecomp_class_score best = {.struct_size = sizeof best};
  hdecomp_text* json = NULL;
  char from[64];
  int64_t i;
  double sum = 0, most = 0;
  CHECK(hdecomp_classify(explainer, image, 1, &scores) == HDECOMP_OK);
  CHECK(hdecomp_scores_get(scores, 0, &best) == HDECOMP_OK);
  snprintf(from, sizeof from, "class:%s", best.name);
  hdecomp_scores_free(scores);

  CHECK(hdecomp_ablate(explainer, image, from, NULL, NULL, &ablation) == HDECOMP_OK);
  CHECK(hdecomp_ablation_get(ablation, &drops) == HDECOMP_OK);
  for (i = 0; i < drops.channels; ++i) most = drops.drops[i] > most ? drops.drops[i] : most;
  CHECK(drops.channels > 1 && most > drops.rounding && !drops.unchanged);
  CHECK(hdecomp_ablation_json(ablation, 2, &json) == HDECOMP_OK);
  CHECK(strstr(hdecomp_text_get(json), "\"drops\"") != NULL);
  hdecomp_text_free(json);
  hdecomp_ablation_free(ablation);

  options.method = "gradient-x-input";
  CHECK(hdecomp_saliency_map(explainer, image, &options, &map) == HDECOMP_OK);
  CHECK(hdecomp_saliency_get(map, &pixels) == HDECOMP_OK);
  CHECK(pixels.channels == 3 && strcmp(pixels.layer, "input") == 0);
  for (i = 0; i < 3 * pixels.height * pixels.width; ++i) sum += pixels.values[i];
  CHECK(sum != 0);
  hdecomp_saliency_free(map);
  options.method = "magic";
  CHECK_ERROR(hdecomp_saliency_map(explainer, image, &options, &map), HDECOMP_WRONG, "magic");

  CHECK(hdecomp_layer_features(explainer, image, "scores", &features) == HDECOMP_OK);
  CHECK(hdecomp_features_get(features, &layer) == HDECOMP_OK);
  CHECK(layer.values[best.index] == score);
  hdecomp_features_free(features);
}

/* The photograph through the network's own input, and through strided pixels: the same class. */
static void check_inputs(const hdecomp_model* model, hdecomp_explainer* explainer,
                         const hdecomp_image* image, int64_t index, float score) {
  hdecomp_features* features = NULL;
  hdecomp_features_info layer = {.struct_size = sizeof layer};
  hdecomp_image *own = NULL, *grey = NULL, *none = NULL;
  hdecomp_pixels pixels = {.struct_size = sizeof pixels};
  const unsigned char rows[] = {10, 20, 0, 30, 40};
  int64_t shape[4] = {1, 0, 0, 0};
  float found = 0;
  CHECK(hdecomp_layer_features(explainer, image, "input", &features) == HDECOMP_OK);
  CHECK(hdecomp_features_get(features, &layer) == HDECOMP_OK);
  shape[1] = layer.channels, shape[2] = layer.height, shape[3] = layer.width;
  CHECK(hdecomp_image_from_input(model, layer.values, shape, 4, &own) == HDECOMP_OK);
  CHECK(class_of(explainer, own, &found) == index && found == score);
  CHECK(hdecomp_image_from_input(model, layer.values, shape + 1, 3, &none) == HDECOMP_OK);
  hdecomp_image_free(none);
  none = NULL;
  shape[3] += 1;
  CHECK_ERROR(hdecomp_image_from_input(model, layer.values, shape, 4, &none), HDECOMP_WRONG,
              "shape (1, 3,");
  CHECK_ERROR(hdecomp_image_from_input(model, layer.values, shape, 5, &none), HDECOMP_WRONG,
              "rank 5");
  hdecomp_features_free(features);
  hdecomp_image_free(own);

  pixels.bytes = rows;
  pixels.size = sizeof rows;
  pixels.height = 2, pixels.width = 2, pixels.channels = 1, pixels.row_stride = 3;
  CHECK(hdecomp_image_from_pixels(&pixels, &grey) == HDECOMP_OK);
  class_of(explainer, grey, &found);
  hdecomp_image_free(grey);
  pixels.row_stride = 4;
  CHECK_ERROR(hdecomp_image_from_pixels(&pixels, &none), HDECOMP_WRONG, "reach 6 bytes");
  CHECK(none == NULL);
}

/* Structs of an older and of a newer header. */
static void check_sizes(hdecomp_explainer* explainer, const hdecomp_image* image) {
  struct {
    hdecomp_explain_options known;
    int64_t unknown;
  } newer = {.known = {.struct_size = sizeof newer}};
  struct {
    size_t struct_size;
    int64_t index;
  } older = {.struct_size = sizeof older, .index = -1};
  hdecomp_explain_options options = {0};
  hdecomp_what_if_options reserved = {.struct_size = sizeof reserved, .reserved = 1};
  hdecomp_what_if* result = NULL;
  hdecomp_tree* tree = NULL;
  newer.known.depth = 1;
  CHECK(hdecomp_explain(explainer, image, &newer.known, &tree) == HDECOMP_OK);
  CHECK(hdecomp_tree_decision(tree, (hdecomp_class_score*)&older) == HDECOMP_OK);
  CHECK(older.index >= 0 && older.struct_size == sizeof older);
  hdecomp_tree_free(tree);
  tree = NULL;
  CHECK_ERROR(hdecomp_what_if_off(explainer, image, "conv5_3:70", &reserved, &result),
              HDECOMP_WRONG, "does not know");
  CHECK(result == NULL);
  newer.unknown = 1;
  CHECK_ERROR(hdecomp_explain(explainer, image, &newer.known, &tree), HDECOMP_WRONG,
              "does not know");
  CHECK_ERROR(hdecomp_explain(explainer, image, &options, &tree), HDECOMP_WRONG,
              "options: struct_size is 0");
  CHECK_ERROR(hdecomp_explain(NULL, image, NULL, &tree), HDECOMP_WRONG, "explainer is NULL");
  CHECK_ERROR(hdecomp_explain(explainer, NULL, NULL, &tree), HDECOMP_WRONG, "image is NULL");
  CHECK_ERROR(hdecomp_explain(explainer, image, NULL, NULL), HDECOMP_WRONG, "tree is NULL");
  CHECK(tree == NULL);
}

/* Layers, stages and classes by name; the network with a rule of ours. */
static void check_names(const hdecomp_model* model, const hdecomp_image* image) {
  hdecomp_model_info info = {.struct_size = sizeof info};
  hdecomp_layer layer = {.struct_size = sizeof layer};
  hdecomp_class named = {.struct_size = sizeof named};
  hdecomp_preprocess rule = {.struct_size = sizeof rule};
  hdecomp_engine_options engine = {.struct_size = sizeof engine, .device = "cpu"};
  hdecomp_model *own = NULL, *none = NULL;
  hdecomp_explainer* explainer = NULL;
  hdecomp_features* features = NULL;
  hdecomp_features_info input = {.struct_size = sizeof input};
  const char* stage = NULL;
  int64_t i, index = -1, ends = 0;
  CHECK(hdecomp_model_get(model, &info) == HDECOMP_OK && info.layers > 2 && info.stages > 1);
  for (i = 0; i < info.layers; ++i) {
    CHECK(hdecomp_model_layer(model, i, &layer) == HDECOMP_OK && layer.name[0] != '\0');
    ends += layer.stage[0] != '\0';
    if (i == 0) CHECK(layer.channels == 3 && layer.height == info.input_height);
  }
  CHECK(ends == info.stages && layer.channels == info.classes);
  CHECK_ERROR(hdecomp_model_layer(model, i, &layer), HDECOMP_WRONG, "no layer");
  CHECK(hdecomp_model_stage(model, 0, &stage) == HDECOMP_OK && strcmp(stage, "conv5_3") == 0);
  CHECK_ERROR(hdecomp_model_stage(model, -1, &stage), HDECOMP_WRONG, "no stage -1");
  CHECK(hdecomp_model_class(model, 36, &named) == HDECOMP_OK);
  CHECK(strcmp(named.name, "faces_easy") == 0 && named.wnid[0] == '\0');
  CHECK(hdecomp_model_find_class(model, named.name, &index) == HDECOMP_OK && index == 36);
  CHECK_ERROR(hdecomp_model_class(model, info.classes, &named), HDECOMP_WRONG, "no class");
  CHECK_ERROR(hdecomp_model_find_class(model, "unicorn", &index), HDECOMP_WRONG, "unicorn");

  CHECK(hdecomp_model_preprocess(model, &rule) == HDECOMP_OK);
  CHECK(rule.crop_height == info.input_height && rule.std[0] > 0);
  for (i = 0; i < 3; ++i) rule.mean[i] = 0, rule.std[i] = 2;
  CHECK(hdecomp_model_with_preprocess(model, &rule, &own) == HDECOMP_OK);
  CHECK(hdecomp_explainer_new(own, &engine, &explainer) == HDECOMP_OK);
  hdecomp_model_free(own);
  CHECK(hdecomp_layer_features(explainer, image, "input", &features) == HDECOMP_OK);
  CHECK(hdecomp_features_get(features, &input) == HDECOMP_OK);
  for (i = 0; i < 3 * input.height * input.width; ++i) {
    CHECK(input.values[i] >= 0 && input.values[i] <= 0.5f);
  }
  hdecomp_features_free(features);
  hdecomp_explainer_free(explainer);
  rule.std[1] = 0;
  CHECK_ERROR(hdecomp_model_with_preprocess(model, &rule, &none), HDECOMP_WRONG, "std");
  rule.crop_width += 1;
  CHECK_ERROR(hdecomp_model_with_preprocess(model, &rule, &none), HDECOMP_WRONG, "crops to");
  CHECK(none == NULL);
}

static void round_of(const char* model_path, const char* photograph, const char* folder) {
  hdecomp_model *model = NULL, *none = NULL, *from_bytes = NULL;
  hdecomp_engine_options engine = {.struct_size = sizeof engine};
  hdecomp_explainer *explainer = NULL, *second = NULL;
  hdecomp_image* image = NULL;
  hdecomp_model_info info = {.struct_size = sizeof info};
  hdecomp_explainer_info made = {.struct_size = sizeof made};
  size_t size = 0;
  unsigned char* bytes = bytes_of(model_path, &size);
  float score = 0, again = 0;
  int64_t index;
  CHECK_ERROR(hdecomp_model_load("/no/such/file", &none), HDECOMP_WRONG, "/no/such/file");
  CHECK_ERROR(hdecomp_model_load_bytes(bytes, size / 2, "half", &none), HDECOMP_WRONG, "half: ");
  CHECK_ERROR(hdecomp_image_load("/no/such/photograph", &image), HDECOMP_WRONG, "photograph");
  CHECK(none == NULL && image == NULL);
  CHECK(hdecomp_model_load(model_path, &model) == HDECOMP_OK);
  CHECK(hdecomp_model_load_bytes(bytes, size, NULL, &from_bytes) == HDECOMP_OK);
  free(bytes);
  CHECK(hdecomp_model_get(model, &info) == HDECOMP_OK && info.classes > 1);
  engine.device = "cpu";
  CHECK(hdecomp_explainer_new(model, &engine, &explainer) == HDECOMP_OK);
  CHECK(hdecomp_explainer_get(explainer, &made) == HDECOMP_OK && made.batch == 1);
  CHECK(strcmp(made.device, "cpu") == 0 && hdecomp_gpu_count() >= 0);
  CHECK(strcmp(info.arch, "vgg16_bn") == 0 && info.source[0] != '\0');
  CHECK(hdecomp_explainer_new(from_bytes, &engine, &second) == HDECOMP_OK);
  hdecomp_model_free(from_bytes);
  engine.device = "abacus";
  CHECK_ERROR(hdecomp_explainer_new(model, &engine, &explainer), HDECOMP_WRONG, "abacus");
  CHECK(hdecomp_image_load(photograph, &image) == HDECOMP_OK);
  index = class_of(explainer, image, &score);
  CHECK(class_of(second, image, &again) == index && again == score);
  check_trees(explainer, image);
  check_questions(explainer, image);
  check_long_errors();
  check_arrays(explainer, image, score);
  check_inputs(model, explainer, image, index, score);
  check_sizes(explainer, image);
  check_names(model, image);
  check_batches(model, image);
  check_what_if(explainer, image, score);
  check_attack(explainer, image, index);
  check_concepts(model, model_path, folder, explainer, image);
  check_pictures(model, model_path, folder, explainer, image);
  check_photos(explainer, image, model, folder);
  check_conversion(folder);
  check_experiments(model_path, photograph, folder, explainer, image);
  check_together(model, image);
  check_details(model, explainer, image);
  check_mask(explainer, image);
  check_contexts(model_path, folder);
  check_channel_files(model_path, folder);
  hdecomp_image_free(image);
  hdecomp_explainer_free(explainer);
  hdecomp_explainer_free(second);
  hdecomp_model_free(model);
}

int main(int argc, char** argv) {
  const int rounds = argc > 4 ? atoi(argv[4]) : 1;
  int i;
  if (argc < 4) return 3;
  CHECK(strcmp(hdecomp_version(), HDECOMP_VERSION) == 0);
  CHECK(hdecomp_last_error()[0] == '\0');
  hdecomp_tree_free(NULL);
  hdecomp_model_free(NULL);
  for (i = 0; i < rounds && faults == 0; ++i) round_of(argv[1], argv[2], argv[3]);
  if (argc > 5) { /* a leak, for the check's sake */
    hdecomp_image* image = NULL;
    CHECK(hdecomp_image_load(argv[2], &image) == HDECOMP_OK);
  }
  return faults == 0 ? 0 : 1;
}
