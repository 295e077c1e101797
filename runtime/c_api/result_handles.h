/// Results of experiments as the C interface hands them out.
#pragma once

#include "hdecomp/experiment_files.h"
#include "runtime/c_api/handles.h"

/// What was measured, and the shapes of its fields.
struct hdecomp_results {
  explicit hdecomp_results(hdecomp::MeasuredFiles made) : measured(std::move(made)) {
    for (const hdecomp::ResultField& field : measured.plan.fields) {
      shapes.push_back(measured.shape_of(field));
    }
  }

  hdecomp::MeasuredFiles measured;
  std::vector<std::vector<int64_t>> shapes;
};
struct hdecomp_graphs {
  const hdecomp::GraphLevel& level(int64_t i, int64_t level) const {
    return hdecomp::c_api::at(hdecomp::c_api::at(graphs, i, "graph").levels, level, "level");
  }

  std::vector<hdecomp::ClassGraph> graphs;
};
