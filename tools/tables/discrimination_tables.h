/// The tables of `hdecomp discriminate`: by stage, and by channel.
#pragma once

#include <string>
#include <vector>

#include "hdecomp/model.h"
#include "tools/tables/discrimination_stages.h"
#include "tools/tables/table.h"

namespace hdecomp::tools {

struct DiscriminationTables {
  Table stages;    // how many channels are chosen, and their discriminative degrees beside chance
  Table channels;  // a row per channel of each stage, from above
};
/// `min_count`: as the plan's options say it.
DiscriminationTables discriminations(const std::vector<DiscriminationStage>& stages,
                                     const std::string& min_count, const Model& model);

}  // namespace hdecomp::tools
