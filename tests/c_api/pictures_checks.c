/* c_api_test: folders of files, pictures and patches, beside those that the command made. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"

/* FOLDER/ONE and FOLDER/OTHER, whatever their size. */
static void check_same(const char* folder, const char* one, const char* other) {
  char a[4096], b[4096];
  CHECK(have_same_bytes(path_in(a, folder, one), path_in(b, folder, other)));
}

static int32_t count_pictures(void* data, int64_t done, int64_t of) {
  *(int64_t*)data = of - done;
  return 0;
}
static int32_t end_after_a_picture(void* data, int64_t done, int64_t of) {
  (void)data;
  return done <= of;
}

/* Whether the file holds the words. */
static int holds(const char* folder, const char* name, const char* words) {
  char path[4096], *text;
  long size;
  int found;
  FILE* file = fopen(path_in(path, folder, name), "rb");
  if (file == NULL) return 0;
  fseek(file, 0, SEEK_END);
  size = ftell(file);
  rewind(file);
  text = calloc(1, (size_t)size + 1);
  if (text == NULL || fread(text, 1, (size_t)size, file) != (size_t)size) exit(3);
  fclose(file);
  found = strstr(text, words) != NULL;
  free(text);
  return found;
}

static hdecomp_tree* tree_of(hdecomp_explainer* explainer, const hdecomp_image* image) {
  hdecomp_explain_options options = {.struct_size = sizeof options, .top = 2, .keep_maps = 1};
  hdecomp_tree* tree = NULL;
  CHECK(hdecomp_explain(explainer, image, &options, &tree) == HDECOMP_OK);
  return tree;
}

/* The folder that run.sh had the command write. */
static void check_folder(const hdecomp_tree* tree, const hdecomp_image* image,
                         const hdecomp_model* model, const hdecomp_patches* patches,
                         const hdecomp_saliency* map, const char* folder) {
  static const char* const files[] = {"pyramid.png",          "pyramid.svg",          "pyramid.pdf",
                                      "levels/1_conv5_3.png", "levels/5_conv1_2.png", "maps.h5",
                                      "maps/1_conv5_3-84.png"};
  int64_t left = -1;
  size_t i;
  char path[4096], told[256], own[256];
  hdecomp_tree_files wanted = {.struct_size = sizeof wanted,
                               .pictures = "all",
                               .colours = "dusk",
                               .svg = 1,
                               .pdf = 1,
                               .html = 1,
                               .top = 2,
                               .name = "portrait.jpg",
                               .patches = &patches,
                               .patch_count = 1,
                               .saliency = &map,
                               .saliency_count = 1,
                               .maps = "h5",
                               .threads = 1,
                               .after_picture = count_pictures,
                               .data = &left};
  path_in(path, folder, "own-tree");
  CHECK(hdecomp_tree_write(tree, image, model, path, &wanted) == HDECOMP_OK && left == 0);
  for (i = 0; i < sizeof files / sizeof *files; ++i) {
    snprintf(told, sizeof told, "told/tree/%s", files[i]);
    snprintf(own, sizeof own, "own-tree/%s", files[i]);
    check_same(folder, told, own);
  }
  CHECK(holds(folder, "own-tree/report.html", "portrait.jpg"));
  CHECK(holds(folder, "own-tree/report.html", "\"by\":\"activation\""));
  CHECK(holds(folder, "own-tree/report.html", "\"saliency\":[{\"method\":\"grad-cam\""));
  CHECK(holds(folder, "own-tree/tree.json", "maps/1_conv5_3-84.png"));

  wanted.after_picture = end_after_a_picture;
  CHECK_ERROR(hdecomp_tree_write(tree, image, model, path, &wanted), HDECOMP_STOPPED, "callback");
  check_same(folder, "told/tree/pyramid.png", "own-tree/pyramid.png");
  wanted.after_picture = NULL;
  wanted.colours = "red";
  CHECK_ERROR(hdecomp_tree_write(tree, image, model, path, &wanted), HDECOMP_WRONG,
              "colours 'red'; give one of jet");
  CHECK(hdecomp_tree_write(tree, image, model, path, NULL) == HDECOMP_OK);
  CHECK(!holds(folder, "own-tree/report.html", "<"));
  CHECK_ERROR(hdecomp_tree_write(tree, image, model, "/proc/no", NULL), HDECOMP_WRONG,
              "output_dir /proc/no: cannot be written to");
}

static void check_bytes(const hdecomp_tree* tree, const hdecomp_image* image,
                        const hdecomp_model* model, const char* folder) {
  static const char* const forms[] = {"png", "svg", "pdf"};
  hdecomp_bytes *made = NULL, *none = NULL;
  char name[256], path[4096];
  size_t i;
  for (i = 0; i < 3; ++i) {
    FILE* file = NULL;
    CHECK(hdecomp_tree_pyramid(tree, image, model, forms[i], "dusk", &made) == HDECOMP_OK);
    file = fopen(path_in(path, folder, "own-pyramid"), "wb");
    if (file == NULL) exit(3);
    fwrite(hdecomp_bytes_get(made), 1, hdecomp_bytes_size(made), file);
    if (i > 0) fputc('\n', file); /* that ends the command's text files */
    fclose(file);
    snprintf(name, sizeof name, "told/tree/pyramid.%s", forms[i]);
    check_same(folder, name, "own-pyramid");
    hdecomp_bytes_free(made);
    made = NULL;
  }
  CHECK_ERROR(hdecomp_tree_pyramid(tree, image, model, "gif", NULL, &none), HDECOMP_WRONG, "gif");
  CHECK(none == NULL && hdecomp_bytes_get(NULL) == NULL && hdecomp_bytes_size(NULL) == 0);
}

static void check_steps(hdecomp_explainer* explainer, const hdecomp_image* image,
                        const hdecomp_model* model, const char* folder) {
  hdecomp_step_options options = {.struct_size = sizeof options, .keep_maps = 1};
  hdecomp_tree_files wanted = {.struct_size = sizeof wanted, .maps = "h5"};
  hdecomp_tree *step = NULL, *flat = NULL;
  hdecomp_bytes* none = NULL;
  char path[4096];
  path_in(path, folder, "own-step");
  CHECK(hdecomp_decompose(explainer, image, "class:faces_easy", "conv5_3", &options, &step) ==
        HDECOMP_OK);
  CHECK(hdecomp_tree_write(step, image, model, path, &wanted) == HDECOMP_OK);
  CHECK(holds(folder, "own-step/step.json", "maps/0_conv5_3-"));
  CHECK_ERROR(hdecomp_tree_pyramid(step, image, model, "png", NULL, &none), HDECOMP_WRONG,
              "no pyramid");
  options.keep_maps = 0;
  CHECK(hdecomp_decompose(explainer, image, "class:faces_easy", "conv5_3", &options, &flat) ==
        HDECOMP_OK);
  CHECK_ERROR(hdecomp_tree_write(flat, image, model, path, &wanted), HDECOMP_WRONG, "keep_maps");
  hdecomp_tree_free(step);
  hdecomp_tree_free(flat);
}

static void check_saliency_files(const hdecomp_saliency* map, const hdecomp_image* image,
                                 const hdecomp_model* model, const char* folder) {
  hdecomp_bytes* png = NULL;
  const hdecomp_saliency* both[] = {map, map};
  char path[4096];
  CHECK(hdecomp_saliency_write(&map, 1, image, model, 0, path_in(path, folder, "own-map.png")) ==
        HDECOMP_OK);
  check_same(folder, "told/map.png", "own-map.png");
  CHECK(hdecomp_saliency_write(&map, 1, image, model, 0, path_in(path, folder, "own-map.npy")) ==
        HDECOMP_OK);
  check_same(folder, "told/map.npy", "own-map.npy");
  CHECK(hdecomp_saliency_picture(both, 2, image, model, 0, &png) == HDECOMP_OK);
  CHECK(memcmp(hdecomp_bytes_get(png), "\x89PNG", 4) == 0 && hdecomp_bytes_size(png) > 1000);
  hdecomp_bytes_free(png);
  CHECK_ERROR(hdecomp_saliency_write(both, 2, image, model, 0, path), HDECOMP_WRONG, "one map");
  CHECK_ERROR(hdecomp_saliency_write(both, 2, image, model, 0, "map.tif"), HDECOMP_WRONG,
              "ends in .png, .npy or .h5");
  CHECK_ERROR(hdecomp_saliency_write(NULL, 0, image, model, 0, "map.png"), HDECOMP_WRONG,
              "no saliency maps");
}

/* Those of a channel, and without the photograph of the tree. */
static void check_patches(const hdecomp_patches* patches, const hdecomp_image* image) {
  hdecomp_patches_info info = {.struct_size = sizeof info};
  hdecomp_patch_list *all = NULL, *others = NULL, *none = NULL;
  hdecomp_patch patch = {.struct_size = sizeof patch};
  int64_t i, own = 0;
  double last = 1e30;
  CHECK(hdecomp_patches_get(patches, &info) == HDECOMP_OK);
  CHECK(info.images == 5 && info.top == 9 && strcmp(info.by, "activation") == 0);
  CHECK(hdecomp_patches_of(patches, "conv5_3", 70, NULL, &all) == HDECOMP_OK);
  CHECK(hdecomp_patches_of(patches, "conv5_3", 70, image, &others) == HDECOMP_OK);
  for (i = 0; i < hdecomp_patch_list_count(all); ++i) {
    CHECK(hdecomp_patch_list_get(all, i, &patch) == HDECOMP_OK);
    CHECK(patch.value > 0 && patch.value <= last && patch.class_name[0] != '\0');
    CHECK(patch.box_height > 0 && patch.box_width > 0 && patch.y >= 0 && patch.x >= 0);
    CHECK(patch.jpeg_size > 2 && memcmp(patch.jpeg, "\xff\xd8", 2) == 0);
    own += strstr(patch.image, "portrait.jpg") != NULL;
    last = patch.value;
  }
  CHECK(own == 1 && hdecomp_patch_list_count(others) == hdecomp_patch_list_count(all) - 1);
  CHECK_ERROR(hdecomp_patch_list_get(all, i, &patch), HDECOMP_WRONG, "no patch");
  CHECK(hdecomp_patches_of(patches, "conv9", 0, NULL, &none) == HDECOMP_OK);
  CHECK(hdecomp_patch_list_count(none) == 0);
  hdecomp_patch_list_free(all);
  hdecomp_patch_list_free(others);
  hdecomp_patch_list_free(none);
}

void check_pictures(const hdecomp_model* model, const char* model_path, const char* folder,
                    hdecomp_explainer* explainer, const hdecomp_image* image) {
  hdecomp_saliency_options asked = {.struct_size = sizeof asked, .method = "grad-cam"};
  hdecomp_saliency* map = NULL;
  hdecomp_patches *patches = NULL, *none = NULL;
  hdecomp_tree* tree = tree_of(explainer, image);
  char path[4096];
  CHECK(hdecomp_saliency_map(explainer, image, &asked, &map) == HDECOMP_OK);
  CHECK(hdecomp_patches_load(path_in(path, folder, "patches.h5"), model, model_path, &patches) ==
        HDECOMP_OK);
  CHECK_ERROR(hdecomp_patches_load(path_in(path, folder, "names.h5"), model, model_path, &none),
              HDECOMP_WRONG, "names.h5");
  check_folder(tree, image, model, patches, map, folder);
  check_bytes(tree, image, model, folder);
  check_steps(explainer, image, model, folder);
  check_saliency_files(map, image, model, folder);
  check_patches(patches, image);
  hdecomp_tree_free(tree);
  hdecomp_saliency_free(map);
  hdecomp_patches_free(patches);
}
