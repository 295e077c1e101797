/// Parsing of queries.
#include "tools/serve/question.h"

#include "hdecomp/choice.h"
#include "hdecomp/number.h"
#include "tools/page/against.h"
#include "tools/trees/node_count.h"

namespace hdecomp::tools {
namespace {

constexpr size_t longest_parameter = 300, most_added = 100;
constexpr double most_nodes = 4000;

int whole_number(const std::string& name, const std::string& digits, int least, int most) {
  const std::optional<int> value = number_in<int>(digits);
  if (!value || *value < least || *value > most) {
    throw UserError(joined(name, ": give a whole number from ", least, " to ", most));
  }
  return *value;
}

[[noreturn]] void refuse_size(double nodes, const std::string& of) {
  throw UserError(joined(of, " make a tree of ", nodes, " nodes; at most ", most_nodes,
                         " are drawn here: ask for fewer channels or levels"));
}

/// N + N^2 + ... + N^depth, and as many against each decision where they are shown.
void check_size(int top, int depth, bool is_signed) {
  double nodes = 0, row = 1;
  for (int i = 0; i < depth; ++i) nodes += row *= top;
  if (is_signed) nodes *= 2;
  if (nodes > most_nodes) refuse_size(nodes, joined("top ", top, " and depth ", depth));
}

/// A share of the evidence; 0 where it is not given.
double share_parameter(const httplib::Request& request, const std::string& name) {
  const std::string digits = parameter(request, name);
  if (digits.empty()) return 0;
  const std::optional<double> share = number_in<double>(digits);
  if (share && *share > 0 && *share <= 1) return *share;
  throw UserError(joined(name, ": give a share above 0, at most 1"));
}

/// "conv5_3:70@3,3|12"
Addition addition_of(const std::string& spelling) {
  const size_t bar = spelling.rfind('|');
  if (bar == std::string::npos || spelling.size() > longest_parameter) {
    throw UserError("added: give DECISION|CHANNEL");
  }
  return {spelling.substr(0, bar),
          whole_number("added", spelling.substr(bar + 1), 0, std::numeric_limits<int>::max())};
}

}  // namespace

std::string parameter(const httplib::Request& request, const std::string& name) {
  std::string value = request.get_param_value(name);
  if (value.size() > longest_parameter) throw UserError(joined(name, ": is too long"));
  return value;
}

std::string class_parameter(const httplib::Request& request, const std::string& name,
                            const Model& model) {
  const std::string given = parameter(request, name);
  return given.empty() ? given : joined("index:", model.find_class(given));
}

size_t choice_parameter(const httplib::Request& request, const std::string& name,
                        std::span<const char* const> names) {
  const std::string given = parameter(request, name);
  if (given.empty()) return 0;
  if (const auto found = choice_in(given, names)) return *found;
  throw UserError(joined(name, ": ", give_one_of(names)));
}

int number_parameter(const httplib::Request& request, const std::string& name, int missing,
                     int least, int most) {
  const std::string digits = parameter(request, name);
  return digits.empty() ? missing : whole_number(name, digits, least, most);
}

Question step_question_of(const httplib::Request& request, const Model& model) {
  Question question;
  question.image = parameter(request, "image");
  question.device = parameter(request, "device");
  question.options.target = class_parameter(request, "class", model);
  question.versus = class_parameter(request, "versus", model);
  if (!question.versus.empty() && question.options.target.empty()) {
    throw UserError("versus: name the class that is ahead of it, too");
  }
  question.options.top = number_parameter(request, "top", 3, 1, 20);
  question.options.cover = share_parameter(request, "cover");
  question.is_signed = number_parameter(request, "signed", 0, 0, 1) == 1;
  return question;
}

Question question_of(const httplib::Request& request, const Model& model) {
  Question question = step_question_of(request, model);
  ExplainOptions& options = question.options;
  options.from = parameter(request, "from");
  if (!options.from.empty() && !options.target.empty()) {
    throw UserError("from: a feature is explained in place of a class; leave out class");
  }
  const int stages = static_cast<int>(model.stages().size());
  options.depth = number_parameter(request, "depth", options.from.empty() ? stages : 0, 1, stages);
  options.guided = number_parameter(request, "guided", 0, 0, 1) == 1;
  options.keep_maps = true;
  if (options.cover == 0) {
    check_size(options.top, options.depth > 0 ? options.depth : stages, question.is_signed);
  }
  const size_t added = request.get_param_value_count("added");
  if (added > most_added) throw UserError(joined("added: at most ", most_added));
  for (size_t i = 0; i < added; ++i) {
    question.added.push_back(addition_of(request.get_param_value("added", i)));
  }
  question.colours = static_cast<Colours>(choice_parameter(request, "colours", colour_names));
  const size_t maps = request.get_param_value_count("saliency");
  if (maps > std::size(saliency_methods)) throw UserError("saliency: each method once");
  for (size_t i = 0; i < maps; ++i) {
    question.saliency.push_back(saliency_method(request.get_param_value("saliency", i)));
  }
  return question;
}

void check_size(const Tree& so_far, const Question& question) {
  double nodes = NodeCount().below(so_far.root, static_cast<int>(so_far.layers.size()));
  if (question.is_signed) nodes *= 2;
  if (nodes > most_nodes) refuse_size(nodes, "cover and depth");
}

}  // namespace hdecomp::tools
