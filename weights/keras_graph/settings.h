/// What a Keras layer's description says of it, with Keras's own defaults.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weights/keras/keras_config.h"

namespace hdecomp::keras_graph {

/// Every reader throws UserError, which does not name the layer, where a value is of another type.
class Settings {
 public:
  explicit Settings(const KerasLayer& layer) : layer_(layer) {}

  bool has(const char* name) const;  // null counts as left out
  int64_t integer(const char* name, int64_t otherwise) const;
  double real(const char* name, double otherwise) const;
  bool flag(const char* name, bool otherwise) const;
  std::string text(const char* name, const std::string& otherwise) const;
  /// A whole number or a list of them; null entries are 0.
  std::vector<int64_t> integers(const char* name) const;
  /// A number or a list of numbers, in lists of any depth.
  std::vector<double> reals(const char* name) const;
  /// Height's and width's, from one number or two.
  std::pair<int64_t, int64_t> pair(const char* name, int64_t otherwise) const;
  /// "padding": whether it is "same" rather than "valid". Throws for any other.
  bool same_padding() const;
  /// An axis of a feature of `rank` dimensions without the batch; the last one where not said.
  /// Throws unless it is the last one: the channels.
  void require_last_axis(const char* name, size_t rank) const;

 private:
  const nlohmann::json& value(const char* name) const;

  const KerasLayer& layer_;
};

}  // namespace hdecomp::keras_graph
