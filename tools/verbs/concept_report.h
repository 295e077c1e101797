/// What the verb concepts prints, and the names that it makes of a patches file.
#pragma once

#include <cstdint>

#include "hdecomp/tree.h"
#include "tools/list_verbs.h"
#include "tools/tables/table.h"

namespace hdecomp::tools {

void print_concepts(const Table& layers, int64_t images, int64_t skipped, bool json,
                    const Timings& timings_ms);

/// Names by the classes of --patches' photographs.
void name_by_patches(const ConceptsCommandOptions& options);

}  // namespace hdecomp::tools
