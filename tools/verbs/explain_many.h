/// explain for a folder or a list of images.
#pragma once

#include "hdecomp/explainer.h"
#include "tools/verbs.h"

namespace hdecomp::tools {

/// One model load and one explainer for all images, which are decoded ahead of their turn. An image
/// that cannot be read or explained is told of on stderr and skipped; after the others a UserError
/// counts them. What holds for every image (class, depth, N, the output folder) ends the run.
void explain_many(const ExplainCommandOptions& options);

/// The question that the command's flags ask of each image.
ExplainOptions explain_options(const ExplainCommandOptions& options, const Model& model);

}  // namespace hdecomp::tools
