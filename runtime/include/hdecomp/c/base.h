/* What all of the C interface shares: statuses, handles, texts, ending a long call. */
#ifndef HDECOMP_C_BASE_H
#define HDECOMP_C_BASE_H

#include <stddef.h>
#include <stdint.h>

#include "hdecomp/version.h"

#define HDECOMP_C_API __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

typedef enum hdecomp_status {
  HDECOMP_OK = 0,
  HDECOMP_FAILED = 1,      /* the machine, or hdecomp itself: no memory, no GPU memory */
  HDECOMP_WRONG = 2,       /* what was given: a file, a name, a number, NULL */
  HDECOMP_WRONG_IMAGE = 3, /* what was given, and another image may do */
  HDECOMP_STOPPED = 4      /* `stop` asked for it */
} hdecomp_status;

typedef struct hdecomp_model hdecomp_model;
typedef struct hdecomp_explainer hdecomp_explainer;
typedef struct hdecomp_image hdecomp_image;
typedef struct hdecomp_scores hdecomp_scores;
typedef struct hdecomp_tree hdecomp_tree;
typedef struct hdecomp_trees hdecomp_trees;
typedef struct hdecomp_ablation hdecomp_ablation;
typedef struct hdecomp_saliency hdecomp_saliency;
typedef struct hdecomp_features hdecomp_features;
typedef struct hdecomp_means hdecomp_means;
typedef struct hdecomp_what_if hdecomp_what_if;
typedef struct hdecomp_text hdecomp_text;
typedef struct hdecomp_stop hdecomp_stop;
typedef struct hdecomp_concepts hdecomp_concepts;
typedef struct hdecomp_patches hdecomp_patches;
typedef struct hdecomp_patch_list hdecomp_patch_list;
typedef struct hdecomp_bytes hdecomp_bytes;
typedef struct hdecomp_attack hdecomp_attack;
typedef struct hdecomp_results hdecomp_results;
typedef struct hdecomp_graphs hdecomp_graphs;
typedef struct hdecomp_photos hdecomp_photos;

/* The library's version, "0.1.0"; HDECOMP_VERSION is the header's. */
HDECOMP_C_API const char* hdecomp_version(void);
/* Why this thread's last call that failed did; "" if none has. Until the next that fails. */
HDECOMP_C_API const char* hdecomp_last_error(void);

/* A text that a function made: no zero byte before its end. */
HDECOMP_C_API const char* hdecomp_text_get(const hdecomp_text* text);
HDECOMP_C_API void hdecomp_text_free(hdecomp_text* text);
/* The bytes of a file that a function made; NULL and 0 of NULL. */
HDECOMP_C_API const void* hdecomp_bytes_get(const hdecomp_bytes* bytes);
HDECOMP_C_API size_t hdecomp_bytes_size(const hdecomp_bytes* bytes);
HDECOMP_C_API void hdecomp_bytes_free(hdecomp_bytes* bytes);

/* For ending a long call from another thread: once it is requested, the call that it
 * was given to returns HDECOMP_STOPPED before its next level, batch of channels or of samples, and
 * so does every later one. The explainer can be used on. It may be freed while the call runs. */
HDECOMP_C_API hdecomp_status hdecomp_stop_new(hdecomp_stop** stop);
HDECOMP_C_API void hdecomp_stop_request(hdecomp_stop* stop);
HDECOMP_C_API void hdecomp_stop_free(hdecomp_stop* stop);

#ifdef __cplusplus
}
#endif

#endif
