/// Which methods use which of the options.
#include <algorithm>

#include "hdecomp/choice.h"
#include "hdecomp/error.h"
#include "hdecomp/saliency.h"

namespace hdecomp {
namespace {

using Method = SaliencyMethod;
using Options = SaliencyOptions;

/// Of a setting, in SaliencySetting's order.
const std::vector<Method> users[] = {{Method::smoothgrad, Method::integrated_gradients},
                                     {Method::smoothgrad},
                                     {Method::integrated_gradients},
                                     {Method::grad_cam, Method::gap_cam},
                                     {Method::lrp},
                                     {Method::gap}};

const std::vector<Method>& users_of(SaliencySetting setting) {
  return users[static_cast<size_t>(setting)];
}

std::vector<std::string> names_of(std::span<const Method> methods) {
  std::vector<std::string> names;
  for (const Method method : methods) names.push_back(to_string(method));
  return names;
}

/// A member as programs call it.
struct Member {
  const char* name;
  SaliencySetting setting;
  bool (*differs)(const Options& one, const Options& other);
};

template <auto value>
bool differ(const Options& one, const Options& other) {
  return one.*value != other.*value;
}

constexpr Member members[] = {
    {"samples", SaliencySetting::samples, differ<&Options::samples>},
    {"noise", SaliencySetting::noise, differ<&Options::noise>},
    {"seed", SaliencySetting::noise, differ<&Options::seed>},
    {"path_start", SaliencySetting::start, differ<&Options::start>},
    {"relu", SaliencySetting::relu, differ<&Options::relu>},
    {"lrp_rule", SaliencySetting::lrp, differ<&Options::rule>},
    {"epsilon", SaliencySetting::lrp, differ<&Options::epsilon>},
    {"gap_sum", SaliencySetting::gap, differ<&Options::sum>},
    {"top", SaliencySetting::gap, differ<&Options::top>},
};

}  // namespace

std::vector<std::string> methods_using(SaliencySetting setting) {
  return names_of(users_of(setting));
}

void check_used(const SaliencyOptions& options, std::span<const SaliencyMethod> methods) {
  const SaliencyOptions usual;
  for (const Member& member : members) {
    if (!member.differs(options, usual)) continue;
    const std::vector<Method>& those = users_of(member.setting);
    if (std::ranges::find_first_of(those, methods) != those.end()) continue;
    throw UserError(no_use(member.name, "method", names_of(methods), names_of(those)));
  }
}

}  // namespace hdecomp
