/* What the files of c_api_test share. */
#ifndef CHECKS_H
#define CHECKS_H

#include <hdecomp.h>
#include <string.h>

/* Says where something is not so, which fails the test. */
void check(int truth, const char* what, const char* file, int line);
#define CHECK(truth) check((truth) ? 1 : 0, #truth, __FILE__, __LINE__)
#define CHECK_ERROR(call, status, words)                                                    \
  check((call) == (status) && strstr(hdecomp_last_error(), words) != NULL, #call, __FILE__, \
        __LINE__)

/* Whether two files have the same bytes. */
int have_same_bytes(const char* one, const char* other);
/* And more than a thousand. */
int are_same(const char* one, const char* other);
/* Whether two pages are the same but for a word of chance, and longer than that. */
int are_same_pages(const char* one, const char* other);
/* FOLDER/NAME, which is returned. */
const char* path_in(char path[4096], const char* folder, const char* name);

/* Trees, and those that begin with a feature, of as few channels as cover a share, with surrogates.
 */
void check_trees(hdecomp_explainer* explainer, const hdecomp_image* image);
void check_questions(hdecomp_explainer* explainer, const hdecomp_image* image);
/* Several images together give what each gives alone, and one that has no tree says why. */
void check_batches(const hdecomp_model* model, const hdecomp_image* image);
/* `score`: of the photograph's class. */
void check_what_if(hdecomp_explainer* explainer, const hdecomp_image* image, float score);
/* The photograph's class, attacked until it is another one. */
void check_attack(hdecomp_explainer* explainer, const hdecomp_image* image, int64_t index);
/* FOLDER/names.h5 is of this model, by patches. */
void check_concepts(const hdecomp_model* model, const char* model_path, const char* folder,
                    hdecomp_explainer* explainer, const hdecomp_image* image);
/* A file of torch's names as a model, written into FOLDER and read again. */
void check_conversion(const char* folder);
/* Results files into FOLDER, as the command wrote them into FOLDER/told. */
void check_experiments(const char* model, const char* photograph, const char* folder,
                       hdecomp_explainer* explainer, const hdecomp_image* image);
/* The channels that an attack of two steps of at most 0.01 is seen in, as these results of attack
 * have them of image number `i`. */
void check_attacked_channels(hdecomp_explainer* explainer, const hdecomp_image* image,
                             const hdecomp_results* results, int64_t i);
/* What is asked of several images together: each gets what it gets alone. */
void check_together(const hdecomp_model* model, const hdecomp_image* image);
/* Levels, groups of channels, evidence against a decision, differences of classes, places. */
void check_details(const hdecomp_model* model, hdecomp_explainer* explainer,
                   const hdecomp_image* image);
/* A mask of a box's pixels is that box; how far it is. */
void check_mask(hdecomp_explainer* explainer, const hdecomp_image* image);
void check_contexts(const char* model, const char* folder);
/* Folders, pictures and saliency maps as the command wrote them into FOLDER/told; FOLDER/patches.h5
 * is of this model. */
void check_pictures(const hdecomp_model* model, const char* model_path, const char* folder,
                    hdecomp_explainer* explainer, const hdecomp_image* image);
/* Trees of FOLDER/photos and what speaks against decisions, as the command wrote them into
 * FOLDER/told. */
void check_photos(hdecomp_explainer* explainer, const hdecomp_image* image,
                  const hdecomp_model* model, const char* folder);
/* Files of means, patches and concepts, as the command wrote them into FOLDER/told. */
void check_channel_files(const char* model, const char* folder);

#endif
