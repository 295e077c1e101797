/* c_api_test: trees of many photographs and their folder, what speaks against decisions, pages. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"

static char* page_text(const char* path) {
  FILE* file = fopen(path, "rb");
  char* text;
  long size;
  if (file == NULL) {
    fprintf(stderr, "%s is not there\n", path);
    exit(3);
  }
  fseek(file, 0, SEEK_END);
  size = ftell(file);
  rewind(file);
  text = calloc(1, (size_t)size + 1);
  if (text == NULL || fread(text, 1, (size_t)size, file) != (size_t)size) exit(3);
  fclose(file);
  return text;
}

/* Takes the word out that a page's own script and style bear. */
static void strike_word(char* page) {
  char word[256] = "", *at = strstr(page, "'nonce-");
  size_t size;
  if (at == NULL) return;
  size = strcspn(at + 7, "'");
  if (size >= sizeof word) exit(3);
  memcpy(word, at + 7, size);
  while ((at = strstr(page, word)) != NULL) memmove(at, at + size, strlen(at + size) + 1);
}

int are_same_pages(const char* one, const char* other) {
  char *a = page_text(one), *b = page_text(other);
  int same;
  strike_word(a);
  strike_word(b);
  same = strlen(a) > 1000 && strcmp(a, b) == 0;
  free(a);
  free(b);
  return same;
}

static void check_told(const char* folder, const char* one, const char* other, const char* file) {
  char a[4096], b[4096], name[512];
  snprintf(name, sizeof name, "%s/%s", one, file);
  path_in(a, folder, name);
  snprintf(name, sizeof name, "%s/%s", other, file);
  path_in(b, folder, name);
  CHECK(strstr(file, ".html") != NULL ? are_same_pages(a, b) : have_same_bytes(a, b));
}

static int64_t photos_told = 0;
static int32_t see_photo(void* data, const hdecomp_photo* photo, int64_t done, int64_t of) {
  CHECK(done == ++photos_told && of == 3 && data == &photos_told);
  CHECK((photo->tree == NULL) == (photo->why[0] != '\0') && photo->path[0] == '/');
  return 0;
}
static int32_t end_after_two(void* data, const hdecomp_photo* photo, int64_t done, int64_t of) {
  (void)data, (void)photo, (void)of;
  return done == 2;
}

/* As the command's run over the folder, without what it printed. */
static void check_photo_folder(hdecomp_explainer* explainer, const char* folder) {
  static const char* const files[] = {"index.html", "cup/small.pgm/pyramid.png",
                                      "faces_easy/portrait.jpg/levels/1_conv5_3.png",
                                      "faces_easy/portrait.jpg/report.html"};
  char photographs[4096], own[4096];
  hdecomp_explain_options trees = {.struct_size = sizeof trees, .top = 2, .depth = 2};
  hdecomp_tree_files written = {.struct_size = sizeof written, .html = 1, .threads = 1};
  hdecomp_photos_options options = {.struct_size = sizeof options,
                                    .trees = &trees,
                                    .output_dir = path_in(own, folder, "own-photos"),
                                    .files = &written,
                                    .each = see_photo,
                                    .data = &photos_told};
  hdecomp_photos *photos = NULL, *none = NULL;
  hdecomp_photo photo = {.struct_size = sizeof photo};
  size_t i;
  path_in(photographs, folder, "photos");
  photos_told = 0;
  CHECK(hdecomp_explain_photos(explainer, photographs, &options, &photos) == HDECOMP_OK);
  CHECK(photos_told == 3 && hdecomp_photos_count(photos) == 3);
  CHECK(hdecomp_photos_get(photos, 0, &photo) == HDECOMP_OK);
  CHECK(strcmp(photo.name, "bad.jpg") == 0 && photo.tree == NULL && photo.is_unreadable);
  CHECK(strstr(photo.why, "bad.jpg") != NULL && photo.label == -1 && !photo.is_wrong);
  CHECK(hdecomp_photos_get(photos, 2, &photo) == HDECOMP_OK);
  CHECK(strcmp(photo.name, "faces_easy/portrait.jpg") == 0 && photo.why[0] == '\0');
  CHECK(hdecomp_tree_level_count(photo.tree) == 2 && !photo.is_unreadable);
  CHECK_ERROR(hdecomp_photos_get(photos, 3, &photo), HDECOMP_WRONG, "no photo 3; there are 3");
  for (i = 0; i < sizeof files / sizeof *files; ++i) {
    check_told(folder, "told/photos", "own-photos", files[i]);
  }
  hdecomp_photos_free(photos);
  options.each = end_after_two;
  CHECK_ERROR(hdecomp_explain_photos(explainer, photographs, &options, &none), HDECOMP_STOPPED,
              "callback");
  trees.against = 1;
  CHECK_ERROR(hdecomp_explain_photos(explainer, photographs, &options, &none), HDECOMP_WRONG,
              "against is for one image");
  trees.against = 0;
  written.name = "portrait";
  CHECK_ERROR(hdecomp_explain_photos(explainer, photographs, &options, &none), HDECOMP_WRONG,
              "for hdecomp_tree_write");
  CHECK_ERROR(hdecomp_explain_photos(explainer, photographs, NULL, NULL), HDECOMP_WRONG,
              "photos is NULL");
  CHECK_ERROR(hdecomp_explain_photos(explainer, NULL, NULL, &none), HDECOMP_WRONG,
              "either a folder or paths");
  CHECK(none == NULL && hdecomp_photos_count(NULL) == 0);
}

/* Of paths with labels, and without trees in memory. */
static void check_photo_paths(hdecomp_explainer* explainer, const char* folder) {
  char portrait[4096];
  const char* paths[] = {path_in(portrait, folder, "photos/faces_easy/portrait.jpg"), portrait};
  const int32_t labels[] = {36, 1};
  hdecomp_explain_options trees = {.struct_size = sizeof trees, .top = 1, .depth = 1};
  hdecomp_photos_options options = {.struct_size = sizeof options,
                                    .paths = paths,
                                    .path_count = 2,
                                    .labels = labels,
                                    .trees = &trees,
                                    .forget_trees = 1};
  hdecomp_photos *photos = NULL, *none = NULL;
  hdecomp_photo photo = {.struct_size = sizeof photo};
  hdecomp_stop* stop = NULL;
  CHECK(hdecomp_explain_photos(explainer, NULL, &options, &photos) == HDECOMP_OK);
  CHECK(hdecomp_photos_get(photos, 0, &photo) == HDECOMP_OK);
  CHECK(photo.label == 36 && !photo.is_wrong && photo.tree == NULL && photo.why[0] == '\0');
  CHECK(hdecomp_photos_get(photos, 1, &photo) == HDECOMP_OK);
  CHECK(photo.label == 1 && photo.is_wrong && strcmp(photo.name, portrait) == 0);
  hdecomp_photos_free(photos);
  CHECK(hdecomp_stop_new(&stop) == HDECOMP_OK);
  hdecomp_stop_request(stop);
  options.stop = stop;
  CHECK_ERROR(hdecomp_explain_photos(explainer, NULL, &options, &none), HDECOMP_STOPPED, "stopped");
  hdecomp_stop_free(stop);
  CHECK(none == NULL);
}

/* The channels of the lowest contributions of each decision, as the command's --signed. */
static void check_against(hdecomp_explainer* explainer, const hdecomp_image* image,
                          const hdecomp_model* model, const char* folder) {
  hdecomp_explain_options options = {
      .struct_size = sizeof options, .top = 2, .depth = 2, .keep_maps = 1, .against = 1};
  hdecomp_tree_files written = {.struct_size = sizeof written,
                                .pictures = "none",
                                .html = 1,
                                .top = 2,
                                .name = "portrait.jpg"};
  hdecomp_tree* tree = NULL;
  hdecomp_trees* none = NULL;
  const hdecomp_tree* against = NULL;
  hdecomp_node one = {.struct_size = sizeof one}, other = {.struct_size = sizeof other};
  hdecomp_step step = {.struct_size = sizeof step};
  char path[4096];
  int64_t c, lower = 0;
  CHECK(hdecomp_explain(explainer, image, &options, &tree) == HDECOMP_OK);
  CHECK(hdecomp_tree_against(tree, 0, &against) == HDECOMP_OK && against != NULL);
  CHECK(hdecomp_tree_node_count(against) == 3 && hdecomp_tree_level_count(against) == 0);
  CHECK(hdecomp_tree_node(against, 1, &one) == HDECOMP_OK);
  CHECK(hdecomp_tree_node(against, 2, &other) == HDECOMP_OK);
  CHECK(one.contribution <= other.contribution && other.contribution < 0 && one.map != NULL);
  CHECK(hdecomp_tree_step(tree, 0, &step) == HDECOMP_OK);
  for (c = 0; c < step.channels; ++c) lower += step.contribution[c] < (float)other.contribution;
  CHECK(lower == 1);
  CHECK_ERROR(hdecomp_tree_against(tree, 99, &against), HDECOMP_WRONG, "no node 99");
  CHECK(hdecomp_tree_write(tree, image, model, path_in(path, folder, "own-signed"), &written) ==
        HDECOMP_OK);
  check_told(folder, "told/signed", "own-signed", "report.html");
  hdecomp_tree_free(tree);
  options.against = 0;
  CHECK(hdecomp_explain(explainer, image, &options, &tree) == HDECOMP_OK);
  CHECK(hdecomp_tree_against(tree, 0, &against) == HDECOMP_OK && against == NULL);
  hdecomp_tree_free(tree);
  options.against = 1;
  CHECK_ERROR(hdecomp_explain_batch(explainer, &image, 1, &options, &none), HDECOMP_WRONG,
              "against is for one image");
}

void check_photos(hdecomp_explainer* explainer, const hdecomp_image* image,
                  const hdecomp_model* model, const char* folder) {
  check_photo_folder(explainer, folder);
  check_photo_paths(explainer, folder);
  check_against(explainer, image, model, folder);
}
