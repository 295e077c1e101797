/// hdecomp's public API in one include: load a model, explain a photograph, walk the tree of
/// evidence.
#pragma once

#include "hdecomp/ablation.h"
#include "hdecomp/channel_means.h"
#include "hdecomp/class_graphs.h"
#include "hdecomp/drawing.h"
#include "hdecomp/error.h"
#include "hdecomp/experiment.h"
#include "hdecomp/explainer.h"
#include "hdecomp/graph_drawing.h"
#include "hdecomp/image.h"
#include "hdecomp/json.h"
#include "hdecomp/maps_file.h"
#include "hdecomp/model.h"
#include "hdecomp/patches.h"
#include "hdecomp/photo_batches.h"
#include "hdecomp/saliency.h"
#include "hdecomp/steps_json.h"
#include "hdecomp/stopped.h"
#include "hdecomp/tensor_image.h"
#include "hdecomp/tree.h"
#include "hdecomp/version.h"
