/// The verb attack: its options, its pictures.
#pragma once

#include <memory>

#include "hdecomp/attack.h"
#include "hdecomp/channel_concepts.h"
#include "hdecomp/results_file.h"
#include "tools/list_verbs.h"

namespace hdecomp::tools {

/// Throws UserError for a number that is none.
AttackOptions attack_options(const ExperimentCommandOptions& options);

/// Of one image: the attacked one as adversarial.png and .npy, its tree before and after, into
/// --output-dir, with a page of both. One line says so on stderr where the run did not attack it.
/// `concepts` may be null.
void write_attack(const ExperimentCommandOptions& options, const ResultsFile& results,
                  const Model& model, const std::shared_ptr<const ChannelConcepts>& concepts);

}  // namespace hdecomp::tools
