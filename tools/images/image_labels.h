/// The classes that images are known to show.
#pragma once

#include <string>
#include <vector>

#include "hdecomp/model.h"
#include "tools/images/image_list.h"

namespace hdecomp::tools {

/// Adds the labels that --labels names, or else those of the list's own lines. Throws UserError for
/// an unreadable file, a label that is no class, numbers that count from 1, and counts that do not
/// match.
void add_labels(const std::string& labels, const Model& model, std::vector<ListedImage>& images);

/// Adds those of the list's own lines where all are classes of the model, and else none: of a verb
/// that does not need them.
void add_labels_if_known(const Model& model, std::vector<ListedImage>& images);

}  // namespace hdecomp::tools
