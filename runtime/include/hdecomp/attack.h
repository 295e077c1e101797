/// An attack on a decision: the photograph changed a little so that the class changes (Fig. 12).
#pragma once

#include <cstdint>
#include <functional>
#include <iterator>
#include <stop_token>
#include <string>
#include <vector>

#include "hdecomp/class_score.h"
#include "hdecomp/image.h"
#include "hdecomp/pixel_size.h"

namespace hdecomp {

/// L-infinity PGD (Madry et al. 2018) on the pixels before normalisation, in [0, 1].
struct AttackOptions {
  std::string target = {};  // the class that is attacked, as ExplainOptions::target
  std::string aim = {};     // the class that it is to become; empty: any other
  double eps = 4.0 / 255;   // how far a pixel may go
  int steps = 20;
  double step = 0;           // of a pixel in a step; 0: 2.5 * eps / steps
  int restarts = 1;          // the largest loss of them is taken
  bool random_start = true;  // uniform within eps, by the seed and the photograph's pixels
  uint64_t seed = 0;
  int channels = 0;  // of each of attack_channels, that Attacked::channels tells of

  // Called after each step with how many are done, of all restarts. What it throws ends the work
  // and comes out of the call.
  std::function<void(int64_t done, int64_t of)> after_step = {};
  std::stop_token stop = {};  // looked at before each step, as ExplainOptions::stop

  double step_size() const { return step > 0 ? step : 2.5 * eps / steps; }
};

/// Which channels of the last stage an attack is seen in: those with the largest alpha above 0 of
/// the attacked class on the photograph, of the new class there, of the new class on the attacked
/// image. And how many of each are looked at where nothing else is said.
inline constexpr const char* attack_channels[] = {
    "channels of the attacked class", "channels of the new class",
    "channels of the new class, chosen on the attacked image"};
inline constexpr int attack_ranks = 4;

/// A channel's peak, the maximum of its feature over the map, before and after.
struct AttackedChannel {
  int32_t channel = 0;
  float before = 0, after = 0;
  double moved = 0;  // the peak's way, in places of the map (Euclid)
};

/// Throws UserError that names the flag for numbers out of range.
HDECOMP_API void check_attack(const AttackOptions& options);

/// What came of a photograph.
struct Attacked {
  Image image;  // planes: what the network sees; rgb: the same in 8 bits
  Image seen;   // the photograph, likewise
  // The attacked class and the one that is most probable now, each before and after.
  ClassScore before, after, new_before, new_after;
  double distance = 0;               // of the pixel that went furthest
  double loss_before = 0, loss = 0;  // cross entropy of the attacked class, or of the aim
  bool fooled = false;               // the class is another one: the aim, if there is one
  bool fooled_in_8_bits = false;     // also where the pixels are rounded to 8 bits
  std::string layer;                 // of the channels, if asked for
  std::vector<AttackedChannel> channels[std::size(attack_channels)];
};

/// An image of the network's own pixels, (3, size) from 0 to 1; its rgb are they in 8 bits.
/// Throws UserError for another number of values, and for one out of range.
HDECOMP_API Image image_of_planes(std::vector<float> planes, const PixelSize& size);

}  // namespace hdecomp
