/// Typed look-ups in a layer's "config".
#include "weights/keras_graph/settings.h"

#include <nlohmann/json.hpp>

#include "hdecomp/error.h"
#include "weights/file/in_quotes.h"

namespace hdecomp::keras_graph {
namespace {

using nlohmann::json;

constexpr size_t most_numbers = size_t{1} << 20;

[[noreturn]] void refuse(const char* name, const char* wanted) {
  throw UserError(joined("its ", name, " is no ", wanted));
}

/// The depth of the text was checked when it was read.
void gather(const char* name, const json& value, std::vector<double>& numbers) {
  if (value.is_array()) {
    for (const json& each : value) gather(name, each, numbers);
    return;
  }
  if (!value.is_number() || numbers.size() > most_numbers) refuse(name, "list of numbers");
  numbers.push_back(value.get<double>());
}

int64_t whole(const char* name, const json& value) {
  if (value.is_null()) return 0;
  if (!value.is_number_integer()) refuse(name, "whole number");
  return value.get<int64_t>();
}

}  // namespace

const json& Settings::value(const char* name) const {
  static const json none;
  const auto found = layer_.settings->find(name);
  return found == layer_.settings->end() ? none : *found;
}

bool Settings::has(const char* name) const { return !value(name).is_null(); }

int64_t Settings::integer(const char* name, int64_t otherwise) const {
  return has(name) ? whole(name, value(name)) : otherwise;
}

double Settings::real(const char* name, double otherwise) const {
  if (!has(name)) return otherwise;
  if (!value(name).is_number()) refuse(name, "number");
  return value(name).get<double>();
}

bool Settings::flag(const char* name, bool otherwise) const {
  if (!has(name)) return otherwise;
  if (!value(name).is_boolean()) refuse(name, "true or false");
  return value(name).get<bool>();
}

std::string Settings::text(const char* name, const std::string& otherwise) const {
  if (!has(name)) return otherwise;
  if (!value(name).is_string()) refuse(name, "text");
  return value(name).get<std::string>();
}

std::vector<int64_t> Settings::integers(const char* name) const {
  std::vector<int64_t> numbers;
  if (!has(name)) return numbers;
  if (!value(name).is_array()) return {whole(name, value(name))};
  for (const json& each : value(name)) {
    if (numbers.size() > most_numbers) refuse(name, "list of sensible length");
    numbers.push_back(whole(name, each));
  }
  return numbers;
}

std::vector<double> Settings::reals(const char* name) const {
  std::vector<double> numbers;
  if (has(name)) gather(name, value(name), numbers);
  return numbers;
}

std::pair<int64_t, int64_t> Settings::pair(const char* name, int64_t otherwise) const {
  const std::vector<int64_t> numbers = integers(name);
  if (numbers.empty()) return {otherwise, otherwise};
  if (numbers.size() > 2) refuse(name, "pair of whole numbers");
  return {numbers.front(), numbers.back()};
}

bool Settings::same_padding() const {
  const std::string padding = text("padding", "valid");
  if (padding != "valid" && padding != "same") {
    throw UserError(joined("its padding is ", in_quotes(padding), "; valid and same are read"));
  }
  return padding == "same";
}

void Settings::require_last_axis(const char* name, size_t rank) const {
  const std::vector<int64_t> axes = integers(name);
  const auto last = static_cast<int64_t>(rank);  // the batch is axis 0
  if (axes.empty() || axes == std::vector<int64_t>{-1} || axes == std::vector<int64_t>{last}) {
    return;
  }
  throw UserError(joined("its ", name, " is not the last, which is the channels'"));
}

}  // namespace hdecomp::keras_graph
