/* Trees of many photographs in one call, and the folder of them that `hdecomp explain FOLDER
 * --output-dir` writes. */
#ifndef HDECOMP_C_PHOTOS_H
#define HDECOMP_C_PHOTOS_H

#include "hdecomp/c/pictures.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What became of one photograph. */
typedef struct hdecomp_photo {
  size_t struct_size;
  const char* path;
  const char* name; /* the path; of a folder below it */
  int32_t label;    /* the class that it is said to show; -1: not known */
  int32_t is_wrong; /* not 0: the most probable class is another one */
  int32_t is_unreadable;
  int32_t reserved;
  const hdecomp_tree* tree; /* NULL where it has none, */
  const char* why;          /* for this reason, one line; else "" */
} hdecomp_photo;

typedef struct hdecomp_photos_options {
  size_t struct_size;
  /* The images, in place of a folder, and labels, as hdecomp_experiment_options. */
  const char* const* paths;
  size_t path_count;
  const int32_t* labels;
  int32_t label_by_folder;
  int32_t exif; /* not 0: photographs that were stored turned are turned upright */
  const hdecomp_explain_options* trees; /* without callbacks, and `against` */
  /* Not NULL: a folder that gets one for each photograph, called as it is listed, with what `files`
   * says (patches, but no name, top, saliency and callback, which are of one), and index.html,
   * which links them all. */
  const char* output_dir;
  const hdecomp_tree_files* files;
  /* Called with `data` for each photograph in its order as they become ready. Not 0 ends the call:
   * HDECOMP_STOPPED. */
  int32_t (*each)(void* data, const hdecomp_photo* photo, int64_t done, int64_t of);
  void* data;
  int32_t forget_trees; /* not 0: a tree lives until `each` returns, so that few are in memory */
  int32_t reserved;     /* 0 */
  const hdecomp_stop* stop; /* in place of `trees`' */
} hdecomp_photos_options;

/* Explains all photographs in a folder, or `paths`, as many together as the explainer's batch; one
 * that cannot be read or explained says why and ends nothing. What was written before another error
 * stays, but for index.html. */
HDECOMP_C_API hdecomp_status hdecomp_explain_photos(hdecomp_explainer* explainer,
                                                    const char* folder,
                                                    const hdecomp_photos_options* options,
                                                    hdecomp_photos** photos);
HDECOMP_C_API int64_t hdecomp_photos_count(const hdecomp_photos* photos);
/* The tree belongs to `photos`. */
HDECOMP_C_API hdecomp_status hdecomp_photos_get(const hdecomp_photos* photos, int64_t i,
                                                hdecomp_photo* photo);
HDECOMP_C_API void hdecomp_photos_free(hdecomp_photos* photos);

#ifdef __cplusplus
}
#endif

#endif
