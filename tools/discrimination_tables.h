/// The tables of `hdecomp discriminate`: by stage, and by channel.
#pragma once

#include "hdecomp/model.h"
#include "hdecomp/results_file.h"
#include "tools/table.h"

namespace hdecomp::tools {

struct DiscriminationTables {
  Table stages;    // how many channels are chosen, and their discriminative degrees beside chance
  Table channels;  // a row per channel of each stage, from above
};
DiscriminationTables discriminations(const ResultsFile& results, const Model& model);

}  // namespace hdecomp::tools
