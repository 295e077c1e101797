/// Saliency maps of a class score: what each pixel, or each place of the last stage, is to it, by
/// the methods that trees of evidence are compared with, and by the tree itself.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "hdecomp/export.h"
#include "hdecomp/image.h"
#include "hdecomp/model.h"
#include "hdecomp/tree.h"

namespace hdecomp {

/// x is the normalised input, F the class score before the softmax, G = dF/dx.
enum class SaliencyMethod {
  gradient,              // G (Simonyan et al. 2014)
  gradient_x_input,      // G * x (Shrikumar et al. 2017)
  smoothgrad,            // the mean of G over noisy copies of x (Smilkov et al. 2017)
  guided,                // guided backpropagation (Springenberg et al. 2015)
  integrated_gradients,  // (x - b) times the mean of G between b and x (Sundararajan et al. 2017)
  grad_cam,              // Selvaraju et al. 2020, at the last stage's end (the paper's Eq. 7, 9)
  gap_cam,               // the sum over channels of gAP's activation maps A there (Eq. 11)
  lrp,                   // layer-wise relevance propagation (Bach et al. 2015)
  gap,                   // the tree's neurons in the first stage, each one's gradient to the pixels
};
/// In that order.
inline constexpr const char* saliency_methods[] = {
    "gradient", "gradient-x-input", "smoothgrad", "guided", "integrated-gradients",
    "grad-cam", "gap-cam",          "lrp",        "gap"};
HDECOMP_API std::string to_string(SaliencyMethod method);
/// Throws UserError that names the flag and lists the methods.
HDECOMP_API SaliencyMethod saliency_method(const std::string& name, const char* flag = "--method");

/// LRP's rules for convolutions; linear layers have the epsilon rule, the first layer of
/// epsilon_plus_flat the flat one. As zennit names and defines them.
enum class LrpRule { epsilon, epsilon_plus, epsilon_plus_flat };
inline constexpr const char* lrp_rules[] = {"epsilon", "epsilon-plus", "epsilon-plus-flat"};

/// How the tree's paths weigh their last neurons: each path as one; by the product of the shares on
/// it; or by the product of the gradients G along it, which is backpropagation through the tree's
/// neurons alone.
enum class GapSum { leaf, weighted, chain };
inline constexpr const char* gap_sums[] = {"leaf", "weighted", "chain"};

/// Where the path of integrated gradients begins: 0 of the normalised input, a black photograph, or
/// the photograph blurred (Gaussian, standard deviation the longer side over 20, edges repeated).
enum class PathStart { zero, black, blur };
inline constexpr const char* path_starts[] = {"zero", "black", "blur"};

struct SaliencyOptions {
  SaliencyMethod method = SaliencyMethod::gradient;
  std::string target = {};  // class index, WordNet id or name; the most probable class where empty
  int samples = 50;         // smoothgrad's noisy copies, integrated gradients' midpoints
  double noise = 0.15;      // smoothgrad: standard deviation, as a share of max - min of x
  uint64_t seed = 0;        // of the noise
  // In place of seeded noise: numbers of standard deviation 1, (samples, 3, h, w).
  std::shared_ptr<const std::vector<float>> given_noise = {};
  PathStart start = PathStart::zero;
  bool relu = false;  // grad_cam, gap_cam: what is negative becomes 0
  LrpRule rule = LrpRule::epsilon_plus;
  double epsilon = 1e-6;  // LRP's stabiliser
  GapSum sum = GapSum::leaf;
  int top = 3;  // gap: N of the tree

  // smoothgrad, integrated_gradients: called after each batch of samples with how many are done, of
  // all images together. What it throws ends the work and comes out of saliency().
  std::function<void(int64_t done, int64_t of)> after_samples = {};

  // The same methods: looked at before each batch of samples, and once by all, as
  // ExplainOptions::stop.
  std::stop_token stop = {};
};

/// Integrated gradients add up to the difference of the scores at the path's ends, but for the
/// sum's error.
struct Completeness {
  double sum = 0;         // of the map
  double difference = 0;  // F(x) - F(b)
};

struct SaliencyMap {
  SaliencyMethod method = SaliencyMethod::gradient;
  ClassScore decision;
  std::string layer;                            // "input", or the layer whose map it is
  int64_t channels = 0, height = 0, width = 0;  // 3 of the input, 1 of a layer
  std::vector<float> values;                    // (channels, height, width), signed
  Completeness completeness;                    // integrated_gradients
  int64_t leaves = 0;                           // gap: distinct neurons
  double paths = 0;                             // gap: on which they are reached
  double ms = 0;                                // without the first forward pass

  /// One number per pixel: the sum over the channels, or of their magnitudes.
  HDECOMP_API std::vector<float> signed_sum() const;
  HDECOMP_API std::vector<float> absolute_sum() const;
};

/// Throws UserError for numbers out of range.
HDECOMP_API void check_saliency(const SaliencyOptions& options);

/// The members of SaliencyOptions that some methods alone use: noise, its seed and given_noise are
/// one, so are LRP's rule and epsilon, and gap's sum and top.
enum class SaliencySetting { samples, noise, start, relu, lrp, gap };
HDECOMP_API std::vector<std::string> methods_using(SaliencySetting setting);
/// Throws UserError for a member that is not as usual and that none of `methods` uses.
HDECOMP_API void check_used(const SaliencyOptions& options,
                            std::span<const SaliencyMethod> methods);

/// The map as a picture: of the pixels blue below 0, white at 0, red above, up to the 99th
/// percentile of the magnitudes that are not 0; of a layer over the photograph in jet colours, what
/// is negative left out. `side`: pixels of the longer side, the network's aspect ratio.
HDECOMP_API Image draw_saliency(const SaliencyMap& map, const Image& photo, const Model& model,
                                int64_t side = 224);
/// The photograph and the maps side by side, each as draw_saliency has it, with their names.
HDECOMP_API Image draw_saliencies(std::span<const SaliencyMap> maps, const Image& photo,
                                  const Model& model, int64_t side = 224);

/// The raw maps as a file: of .npy one map, a float32 array (channels, height, width); else HDF5, a
/// dataset for each method, named as it (tools/RESULTS_FORMAT.md). Appears whole or not at all.
/// Throws UserError if it cannot be written.
HDECOMP_API void save_saliencies(std::span<const SaliencyMap> maps, const std::string& path);

/// The numbers of a .npy file of float32, in C order. Throws UserError that names the file if it is
/// none, or has not `count` numbers, or one that is not finite.
HDECOMP_API std::vector<float> load_npy(const std::string& path, int64_t count);

}  // namespace hdecomp
