/// What a request asks for, read from its query: numbers in range, names that exist.
#pragma once

#include <httplib.h>

#include <string>
#include <vector>

#include "hdecomp/hdecomp.h"

namespace hdecomp::tools {

/// A channel outside the top N that was decomposed by hand.
struct Addition {
  std::string parent;  // "conv5_3:70@3,3" or "scores:36@0,0"
  int32_t channel = 0;
};

struct Question {
  std::string image, device;
  ExplainOptions options;
  std::vector<Addition> added;
  std::vector<SaliencyMethod> saliency;  // whose maps are asked for
};

/// Reads image, class, top, depth, device, guided, added, saliency. Throws UserError, one line,
/// that names the parameter.
Question question_of(const httplib::Request& request, const Model& model);

/// A parameter, or "" where it is not given. Throws UserError if it is longer than any sensible
/// one.
std::string parameter(const httplib::Request& request, const std::string& name);
/// A whole number. Throws UserError if it is not one or not between.
int number_parameter(const httplib::Request& request, const std::string& name, int missing,
                     int least, int most);

/// A decision as the page names it, as Explainer::decompose takes it: "scores:36@0,0" is
/// "class:36".
std::string decision_of(const std::string& key);

}  // namespace hdecomp::tools
