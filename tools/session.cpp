/// Loading for the verbs.
#include "tools/session.h"

#include <charconv>

#include "hdecomp/stopwatch.h"

namespace hdecomp::tools {

Model load_model(const CommonOptions& options) {
  return options.model.empty() ? Model::bundled() : Model::load(options.model);
}

Session start(const CommonOptions& options) {
  const Stopwatch watch;
  Explainer explainer(load_model(options), options.device, options.threads);
  return {std::move(explainer), watch.ms()};
}

int count_or_all(const std::string& flag, const std::string& value, int all) {
  if (value == "all") return all;
  int count = 0;
  const auto [end, fault] = std::from_chars(value.data(), value.data() + value.size(), count);
  if (fault != std::errc() || end != value.data() + value.size() || count < 1) {
    throw UserError(text(flag, " ", value, ": give a whole number from 1, or all"));
  }
  return count;
}

}  // namespace hdecomp::tools
