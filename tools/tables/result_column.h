/// A field of a results file over all its images, and what tables of fields have in common.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hdecomp/model.h"
#include "hdecomp/results_file.h"
#include "tools/tables/table.h"

namespace hdecomp::tools {

/// One field over all images: at each place the sum and the count of what is finite.
class Column {
 public:
  Column(const ResultsFile& results, const std::string& name);

  double mean(size_t at) const { return sums_.at(at) / static_cast<double>(counts_.at(at)); }
  /// Of the images' values around their mean.
  double deviation(size_t at) const;
  double sum(size_t at) const { return sums_.at(at); }

 private:
  std::vector<double> sums_, squares_;
  std::vector<int64_t> counts_;
};

/// An empty table with a column per step, after `first`.
Table with_steps(const ResultsFile& results, const std::string& first);

/// The number of the last channel of the last stage, whose channels attack and what-ifs tell of.
int64_t last_channel(const Model& model);

}  // namespace hdecomp::tools
