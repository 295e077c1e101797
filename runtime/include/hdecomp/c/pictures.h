/* Pictures and files of what was found, the command's byte for byte: a tree's output folder, its
 * pyramid, saliency maps. */
#ifndef HDECOMP_C_PICTURES_H
#define HDECOMP_C_PICTURES_H

#include "hdecomp/c/trees.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is written beside tree.json, as the flags of `hdecomp explain` say it. */
typedef struct hdecomp_tree_files {
  size_t struct_size;
  const char* pictures; /* "none"; "sheets" (also NULL): pyramid.png and a sheet per level in
                         * levels/; "all": a picture per node in maps/, too */
  const char* colours;  /* "jet" (also NULL), "ember", "dusk", "signed" */
  int32_t svg, pdf;     /* not 0: pyramid.svg, pyramid.pdf */
  int32_t html;         /* not 0: report.html, of which the next seven are */
  int32_t top;          /* N, as the tree was asked for; 0: 3 */
  const char* name;     /* what the image is called; NULL: "image" */
  const hdecomp_patches* const* patches; /* what the channels look for */
  size_t patch_count;
  const hdecomp_saliency* const* saliency; /* maps of the same image beside the tree */
  size_t saliency_count;
  const char* maps; /* raw maps: "npy", a file per decision in maps/; "h5", maps.h5; NULL: none */
  int32_t threads;  /* for drawing; 0: one for every core */
  int32_t reserved; /* 0 */
  /* Called with `data` as pictures become ready, by the thread that made the call. Not 0 ends it:
   * HDECOMP_STOPPED, and the folder is as it was. */
  int32_t (*after_picture)(void* data, int64_t done, int64_t of);
  void* data;
  const hdecomp_stop* stop; /* looked at after each picture */
} hdecomp_tree_files;

/* Writes a tree that kept its maps into a folder, which is made if it is not there, whole or not at
 * all: as `hdecomp explain --output-dir`, in place of what an earlier call, or the command, wrote
 * there. `image` and `model` are those that the tree is of. Of hdecomp_decompose() it is what
 * `hdecomp decompose --output-dir` writes, step.json and maps/, and of the options `maps`,
 * `threads` and the last three count. */
HDECOMP_C_API hdecomp_status hdecomp_tree_write(const hdecomp_tree* tree,
                                                const hdecomp_image* image,
                                                const hdecomp_model* model, const char* output_dir,
                                                const hdecomp_tree_files* files);

/* The pyramid of a tree that kept its maps, as the bytes of a file. `form`: "png", "svg", "pdf";
 * `colours` as above. */
HDECOMP_C_API hdecomp_status hdecomp_tree_pyramid(const hdecomp_tree* tree,
                                                  const hdecomp_image* image,
                                                  const hdecomp_model* model, const char* form,
                                                  const char* colours, hdecomp_bytes** file);

/* Maps of one image as `hdecomp saliency -o` writes them, by the end of the name: .png, drawn with
 * `side` pixels on the longer side (0: 224), several side by side; .npy, one raw map; .h5, raw
 * maps.
 */
HDECOMP_C_API hdecomp_status hdecomp_saliency_write(const hdecomp_saliency* const* maps,
                                                    size_t count, const hdecomp_image* image,
                                                    const hdecomp_model* model, int32_t side,
                                                    const char* output);
/* The same picture as the bytes of a PNG file. */
HDECOMP_C_API hdecomp_status hdecomp_saliency_picture(const hdecomp_saliency* const* maps,
                                                      size_t count, const hdecomp_image* image,
                                                      const hdecomp_model* model, int32_t side,
                                                      hdecomp_bytes** png);

#ifdef __cplusplus
}
#endif

#endif
