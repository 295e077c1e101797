/// Parsing of queries.
#include "tools/serve/question.h"

#include <algorithm>

#include "hdecomp/number.h"

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

/// N + N^2 + ... + N^depth
void check_size(int top, int depth) {
  double nodes = 0, row = 1;
  for (int i = 0; i < depth; ++i) nodes += row *= top;
  if (nodes <= most_nodes) return;
  throw UserError(joined("top ", top, " and depth ", depth, " make a tree of ", nodes,
                         " nodes; at most ", most_nodes, " are drawn here"));
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

int number_parameter(const httplib::Request& request, const std::string& name, int missing,
                     int least, int most) {
  const std::string digits = parameter(request, name);
  return digits.empty() ? missing : whole_number(name, digits, least, most);
}

Question question_of(const httplib::Request& request, const Model& model) {
  Question question;
  question.image = parameter(request, "image");
  question.device = parameter(request, "device");
  ExplainOptions& options = question.options;
  options.target = parameter(request, "class");
  if (!options.target.empty()) {
    options.target = joined("index:", model.find_class(options.target));
  }
  const int stages = static_cast<int>(model.stages().size());
  options.top = number_parameter(request, "top", 3, 1, 20);
  options.depth = number_parameter(request, "depth", stages, 1, stages);
  options.guided = number_parameter(request, "guided", 0, 0, 1) == 1;
  options.keep_maps = true;
  check_size(options.top, options.depth);
  const size_t added = request.get_param_value_count("added");
  if (added > most_added) throw UserError(joined("added: at most ", most_added));
  for (size_t i = 0; i < added; ++i) {
    question.added.push_back(addition_of(request.get_param_value("added", i)));
  }
  const size_t maps = request.get_param_value_count("saliency");
  if (maps > std::size(saliency_methods)) throw UserError("saliency: each method once");
  for (size_t i = 0; i < maps; ++i) {
    question.saliency.push_back(saliency_method(request.get_param_value("saliency", i)));
  }
  return question;
}

std::string decision_of(const std::string& key) {
  const std::string scores = "scores:";
  if (!key.starts_with(scores)) return key;
  return "class:" + key.substr(scores.size(), key.find('@') - scores.size());
}

}  // namespace hdecomp::tools
