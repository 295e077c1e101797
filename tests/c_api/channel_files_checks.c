/* c_api_test: files of what is known of a model's channels. */
#include <stdio.h>

#include "checks.h"

typedef hdecomp_status (*make)(const char* model, const char* folder, const char* output,
                               const hdecomp_channel_files_options* options, int64_t* images);

/* Makes a file of the folder's photographs: the one that the command wrote. */
static void check_made(make function, const char* told, const char* model, const char* folder,
                       hdecomp_channel_files_options options) {
  char photos[4096], expected[4096], output[4096], name[256];
  int64_t images = 0;
  snprintf(name, sizeof name, "told/%s.h5", told);
  path_in(photos, folder, "photos");
  path_in(expected, folder, name);
  path_in(output, folder, "own.h5");
  options.struct_size = sizeof options;
  options.device = "cpu";
  CHECK(function(model, photos, output, &options, &images) == HDECOMP_OK);
  CHECK(images > 0 && are_same(output, expected));
  remove(output);
}

static void check_named_by_patches(const char* model, const char* folder) {
  char patches[4096], expected[4096], output[4096];
  int64_t images = 0;
  path_in(patches, folder, "patches.h5");
  path_in(expected, folder, "names.h5");
  path_in(output, folder, "own.h5");
  CHECK(hdecomp_concepts_from_patches(model, patches, output, 0, &images) == HDECOMP_OK);
  CHECK(images > 0 && are_same(output, expected));
  remove(output);
  CHECK_ERROR(hdecomp_concepts_from_patches(model, patches, output, 2, NULL), HDECOMP_WRONG, "2");
}

/* A photograph that was stored turned, upright: means and results are the command's with --exif. */
static void check_turned(const char* model, const char* folder) {
  char photos[4096], photo[4096], expected[4096], output[4096];
  hdecomp_channel_files_options options = {.struct_size = sizeof options, .device = "cpu"};
  hdecomp_experiment_options measured = {.struct_size = sizeof measured, .device = "cpu"};
  hdecomp_image_info stored = {.struct_size = sizeof stored}, upright = stored;
  hdecomp_results* results = NULL;
  hdecomp_image* image = NULL;
  path_in(photos, folder, "turned");
  path_in(expected, folder, "told/turned.h5");
  path_in(output, folder, "own.h5");
  CHECK(hdecomp_means_make(model, photos, output, &options, NULL) == HDECOMP_OK);
  CHECK(!are_same(output, expected));
  options.exif = measured.exif = 1;
  CHECK(hdecomp_means_make(model, photos, output, &options, NULL) == HDECOMP_OK);
  CHECK(are_same(output, expected));
  remove(output);
  CHECK(hdecomp_experiment_run("pcc", model, photos, output, &measured, &results) == HDECOMP_OK);
  CHECK(are_same(output, path_in(expected, folder, "told/turned-pcc.h5")));
  hdecomp_results_free(results);
  remove(output);

  CHECK(hdecomp_image_load(path_in(photo, folder, "turned/turned.jpg"), &image) == HDECOMP_OK);
  CHECK(hdecomp_image_get(image, &stored) == HDECOMP_OK && stored.height != stored.width);
  CHECK(hdecomp_image_upright(image) == HDECOMP_OK);
  CHECK(hdecomp_image_get(image, &upright) == HDECOMP_OK);
  CHECK(upright.height == stored.width && upright.width == stored.height);
  CHECK(hdecomp_image_upright(image) == HDECOMP_OK); /* it is */
  CHECK(hdecomp_image_get(image, &stored) == HDECOMP_OK && stored.height == upright.height);
  hdecomp_image_free(image);
  CHECK_ERROR(hdecomp_image_upright(NULL), HDECOMP_WRONG, "image is NULL");
}

static int32_t end_after_photos(void* data, int64_t done, int64_t of) {
  *(int64_t*)data = of - done;
  return 1;
}

void check_channel_files(const char* model, const char* folder) {
  char regions[4096], names[4096], output[4096];
  const char* layers[] = {"conv5_3"};
  int64_t left = -1;
  hdecomp_channel_files_options options = {.struct_size = sizeof options};
  check_made(hdecomp_means_make, "means", model, folder, options);
  options.layers = layers;
  options.layer_count = 1;
  options.by = "contribution";
  options.top = 2;
  check_made(hdecomp_patches_make, "patches", model, folder, options);
  options.regions = path_in(regions, folder, "regions");
  options.region_names = path_in(names, folder, "names.txt");
  options.min_iou = -1;
  check_made(hdecomp_concepts_make, "concepts", model, folder, options);
  check_named_by_patches(model, folder);
  check_turned(model, folder);

  path_in(output, folder, "own.h5");
  options.regions = NULL;
  CHECK_ERROR(hdecomp_concepts_make(model, folder, output, &options, NULL), HDECOMP_WRONG,
              "regions is NULL");
  CHECK_ERROR(hdecomp_means_make(model, NULL, output, &options, NULL), HDECOMP_WRONG,
              "either a folder or paths");
  options.top = -1;
  CHECK_ERROR(hdecomp_patches_make(model, folder, output, &options, NULL), HDECOMP_WRONG,
              "top -1: give");
  CHECK(strncmp(hdecomp_last_error(), "top", 3) == 0); /* no flag of the command's */
  options.top = 0;
  options.by = "luck";
  CHECK_ERROR(hdecomp_patches_make(model, folder, output, &options, NULL), HDECOMP_WRONG, "luck");
  options.batch = 1;
  options.after_batch = end_after_photos;
  options.data = &left;
  CHECK(hdecomp_means_make(model, folder, output, &options, NULL) == HDECOMP_STOPPED);
  CHECK(left > 0 && fopen(output, "rb") == NULL);
}
