/// Sums of a results file's field.
#include "tools/tables/result_column.h"

#include <algorithm>
#include <cmath>

namespace hdecomp::tools {

Column::Column(const ResultsFile& results, const std::string& name) {
  const auto& fields = results.plan().fields;
  const auto field = std::ranges::find(fields, name, &ResultField::name);
  sums_.resize(field->size());
  counts_.resize(sums_.size());
  squares_.resize(sums_.size());
  const std::vector<float> values = results.values(name);
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) continue;
    sums_[i % sums_.size()] += values[i];
    squares_[i % sums_.size()] += double{values[i]} * double{values[i]};
    ++counts_[i % sums_.size()];
  }
}

double Column::deviation(size_t at) const {
  const double mean_square = squares_.at(at) / static_cast<double>(counts_.at(at));
  return std::sqrt(std::max(0.0, mean_square - mean(at) * mean(at)));
}

int64_t last_channel(const Model& model) {
  const std::string last = model.stages().front();
  const std::vector<LayerInfo> layers = model.layers();
  return std::ranges::find(layers, last, &LayerInfo::stage)->channels - 1;
}

Table with_steps(const ResultsFile& results, const std::string& first) {
  Table table{{first}, {}};
  table.header.insert(table.header.end(), results.plan().steps.begin(), results.plan().steps.end());
  return table;
}

}  // namespace hdecomp::tools
