/// What a request asks for, read from its query: numbers in range, names that exist.
#pragma once

#include <httplib.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tools/page/page_data.h"

namespace hdecomp::tools {

/// A channel outside the top N that was decomposed by hand.
struct Addition {
  std::string parent;  // "conv5_3:70@3,3" or "scores:36@0,0"
  int32_t channel = 0;
};

struct Question {
  std::string image, device;
  ExplainOptions options;
  std::string versus;      // the class that the decision is counted from; empty for none
  bool is_signed = false;  // channels against each decision, too
  // Where the decision is a difference of two classes, as Engine::difference has it: what it is.
  std::optional<PageDifference> difference = {};
  std::vector<Addition> added;
  Colours colours = Colours::jet;        // of pyramid.png, .svg and .pdf
  std::vector<SaliencyMethod> saliency;  // whose maps are asked for
};

/// Of a single step: reads image, device, class, versus, top, cover, signed. Throws UserError, one
/// line, that names the parameter.
Question step_question_of(const httplib::Request& request, const Model& model);
/// Reads those, and from, depth, guided, added, colours, saliency. Throws likewise.
Question question_of(const httplib::Request& request, const Model& model);

/// Throws UserError where a tree has more nodes than the page draws. Of --cover's it is known while
/// it grows.
void check_size(const Tree& so_far, const Question& question);

/// A parameter, or "" where it is not given. Throws UserError if it is longer than any sensible
/// one.
std::string parameter(const httplib::Request& request, const std::string& name);
/// A class by its index, which names it in whatever form it was asked for; "" where it is not.
/// Throws UserError for no class of the model.
std::string class_parameter(const httplib::Request& request, const std::string& name,
                            const Model& model);
/// Which of `names`, the first where it is not given. Throws UserError for another.
size_t choice_parameter(const httplib::Request& request, const std::string& name,
                        std::span<const char* const> names);
/// A whole number. Throws UserError if it is not one or not between.
int number_parameter(const httplib::Request& request, const std::string& name, int missing,
                     int least, int most);

}  // namespace hdecomp::tools
