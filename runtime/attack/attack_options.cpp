/// What may be asked of an attack.
#include "hdecomp/error.h"
#include "runtime/attack/pgd.h"

namespace hdecomp {

void check_attack(const AttackOptions& options) {
  if (!(options.eps > 0 && options.eps <= 1)) {
    throw UserError(
        joined("--eps ", options.eps, ": give a share of the pixels' range, such as 4/255"));
  }
  if (options.steps < 1 || options.steps > 100000) {
    throw UserError(joined("--steps ", options.steps, ": give 1 to 100000"));
  }
  if (!(options.step >= 0 && options.step <= 1)) {
    throw UserError(joined("--step ", options.step, ": give a share of the pixels' range"));
  }
  if (options.restarts < 1 || options.restarts > 1000) {
    throw UserError(joined("--restarts ", options.restarts, ": give 1 to 1000"));
  }
  if (!options.random_start && options.restarts > 1) {
    throw UserError(joined("--restarts ", options.restarts,
                           ": from the photograph itself every run is the same; give 1, or let "
                           "them start at random"));
  }
  if (!options.random_start && options.seed != 0) {
    throw UserError(joined("--seed ", options.seed,
                           ": is of random starts; leave it out where the attack starts from the "
                           "photograph itself"));
  }
  if (options.channels < 0) throw UserError("channels of an attack: give 0 or more");
}

void check_attack(const AttackOptions& options, int64_t own, int64_t aim) {
  check_attack(options);
  if (aim >= 0 && own == aim) {
    throw UserError(joined("--target ", options.aim, ": that is the attacked class; give another"));
  }
}

}  // namespace hdecomp
