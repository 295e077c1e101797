/* hdecomp's C interface, all of it in one include; its parts in hdecomp/c/ can be included alone.
 *
 * C99, and C++. Every function that can fail returns an hdecomp_status and writes what it made
 * through its last argument, only where it returns HDECOMP_OK. Nothing is thrown across this
 * interface; hdecomp_last_error() says in one line what was wrong.
 *
 * Objects are opaque and freed by their own hdecomp_..._free(), which takes NULL. An explainer
 * keeps the model it was made of: each may be freed first. Pointers that are read out of an object
 * (texts, lists, maps) live as long as it does, and nothing of the caller's is kept after a call.
 *
 * Threads: any thread may make, use and free any object. A model, an image and every result may be
 * read by several threads at once; an explainer works for one at a time. For several at once make
 * several explainers of one model, which share its weights. hdecomp_last_error() is each thread's
 * own. A callback is called by the thread that made the call, and must not use the explainer that
 * is at work.
 *
 * Structs that go in or come out begin with struct_size, which the caller sets to sizeof of the
 * struct; all other members of one that goes in may be 0 and then mean what is said there:
 *     hdecomp_explain_options options = {.struct_size = sizeof options, .top = 2};
 * So a program that was compiled with an older header runs with a newer library of the same
 * soname; `reserved` members have no meaning yet. Texts are UTF-8; one of NULL is the empty one. */
#ifndef HDECOMP_H
#define HDECOMP_H

#include "hdecomp/c/base.h"
#include "hdecomp/c/changes.h"
#include "hdecomp/c/experiments.h"
#include "hdecomp/c/explainers.h"
#include "hdecomp/c/graphs.h"
#include "hdecomp/c/images.h"
#include "hdecomp/c/known.h"
#include "hdecomp/c/measures.h"
#include "hdecomp/c/models.h"
#include "hdecomp/c/photos.h"
#include "hdecomp/c/pictures.h"
#include "hdecomp/c/trees.h"

#endif
