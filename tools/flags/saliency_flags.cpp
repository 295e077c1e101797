/// The flags of saliency's methods.
#include "hdecomp/saliency.h"
#include "tools/choices.h"
#include "tools/flags/flags.h"

namespace hdecomp::tools {

void add_saliency_choices(CLI::App& verb, SaliencyCommandOptions& options) {
  verb.add_option("--samples", options.samples,
                  "smoothgrad's noisy copies, integrated gradients' steps")
      ->capture_default_str();
  verb.add_option("--noise", options.noise,
                  "smoothgrad's standard deviation, as a share of max - min of the input")
      ->capture_default_str();
  CLI::Option* seed = verb.add_option("--seed", options.seed, "of smoothgrad's noise");
  seed->capture_default_str();
  verb.add_option("--noise-file", options.noise_file,
                  "a .npy file of (samples, 3, height, width) numbers of standard deviation 1, in "
                  "place of seeded ones")
      ->excludes(seed);
  verb.add_option("--baseline", options.baseline,
                  "where integrated gradients begin: zero (of the normalised input), black, or "
                  "blur, the photograph blurred")
      ->check(CLI::IsMember(words_of(path_starts)))
      ->capture_default_str();
  verb.add_flag("--relu", options.relu, "grad-cam and gap-cam: what is negative becomes 0");
  verb.add_option("--lrp-rule", options.rule,
                  "of convolutions: epsilon; z+ (epsilon-plus); z+ with the flat rule in the first "
                  "layer (epsilon-plus-flat)")
      ->check(CLI::IsMember(words_of(lrp_rules)))
      ->capture_default_str();
  verb.add_option("--epsilon", options.epsilon, "LRP's stabiliser")->capture_default_str();
  verb.add_option("--gap-sum", options.gap_sum,
                  "how the tree's paths weigh: each as one (leaf), by its shares (weighted), by "
                  "its gradients (chain)")
      ->check(CLI::IsMember(words_of(gap_sums)))
      ->capture_default_str();
  verb.add_option("--top", options.top, "N of gap's tree")->capture_default_str();
}

std::vector<FlagUse> saliency_uses() {
  const auto of = methods_using;
  return {{"--samples", of(SaliencySetting::samples)},  {"--batch", of(SaliencySetting::samples)},
          {"--noise", of(SaliencySetting::noise)},      {"--seed", of(SaliencySetting::noise)},
          {"--noise-file", of(SaliencySetting::noise)}, {"--baseline", of(SaliencySetting::start)},
          {"--relu", of(SaliencySetting::relu)},        {"--lrp-rule", of(SaliencySetting::lrp)},
          {"--epsilon", of(SaliencySetting::lrp)},      {"--gap-sum", of(SaliencySetting::gap)},
          {"--top", of(SaliencySetting::gap)}};
}

}  // namespace hdecomp::tools
