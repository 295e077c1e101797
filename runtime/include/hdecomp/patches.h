/// Patches: what channels look for, shown by the places of a data set's photographs where each is
/// at its largest (the paper's Fig. 11). PatchFinder finds them, PatchStore keeps the best of a
/// run, and PatchFile reads what it wrote (tools/RESULTS_FORMAT.md).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hdecomp/channel_concepts.h"
#include "hdecomp/engine_options.h"
#include "hdecomp/experiment.h"
#include "hdecomp/image.h"
#include "hdecomp/model.h"

namespace hdecomp {

/// By what a channel's patches are ranked: the maximum of its feature F over the map; or its
/// largest alpha (Eq. 4) over the decisions of the tree of the image's most probable class, at the
/// peak of that A (Eq. 5).
enum class PatchRanking { activation, contribution };
inline constexpr const char* patch_rankings[] = {"activation", "contribution"};

struct PatchOptions {
  std::vector<std::string> layers = {};  // the stages' ends where empty
  PatchRanking by = PatchRanking::activation;
  int top = 9;       // K, patches of a channel
  int tree_top = 3;  // N of the trees, of contribution
  int side = 48;     // of a crop's longer side, in pixels
};

/// A channel in one photograph. Values are above 0.
struct Patch {
  int32_t image = -1;  // in the plan's list
  float value = 0;
  int32_t y = 0, x = 0;                              // the neuron, in its layer's map
  PixelRectangle box = {};                           // its receptive field, in the photograph
  std::shared_ptr<const std::vector<uint8_t>> crop;  // what is in it: a JPEG file
};

/// The K largest patches of each channel, one an image: ties to the earlier image. In whatever
/// order they come, and however they are split and put together again, the same remain.
class HDECOMP_API BestPatches {
 public:
  BestPatches(int64_t channels, int keep) : keep_(keep), of_(channels) {}

  /// Whether add() would keep it; its crop need not be made yet.
  bool takes(int64_t channel, const Patch& patch) const;
  /// Whether it was kept.
  bool add(int64_t channel, Patch patch);
  /// Falling.
  const std::vector<Patch>& of(int64_t channel) const { return of_.at(channel); }
  int64_t channels() const { return static_cast<int64_t>(of_.size()); }
  int keep() const { return keep_; }

 private:
  int keep_;
  std::vector<std::vector<Patch>> of_;
};

struct PatchLayer {
  std::string name;
  int64_t channels = 0;
};

/// Everything that decides a run's patches.
struct PatchPlan {
  std::string model;  // SHA-256 of the model file
  std::map<std::string, std::string> options;
  std::vector<PatchLayer> layers;
  int keep = 9;                           // K
  std::vector<std::string> images;        // as listed
  std::vector<int32_t> labels;            // a class index per image, -1 without one
  std::vector<std::string> classes = {};  // the model's names
};

/// A number that the pixels of a photograph's file alone decide: by it one is known again, turned
/// upright() or not.
HDECOMP_API uint64_t pixel_number(const Image& photo);

/// What is known of an image of the plan.
struct PatchImage {
  int32_t image = 0;
  ImageState state = ImageState::pending;
  int32_t decision = -1;  // the most probable class; -1 without one
  uint64_t pixels = 0;    // pixel_number()
  std::string error;      // why it was not measured; not kept
};

/// What a batch of images adds: of the patches those that may be among the best.
struct PatchNews {
  struct Found {
    int32_t layer = 0, channel = 0;
    Patch patch;
  };
  std::vector<PatchImage> images;
  std::vector<Found> found;
};

/// Its engine, planned once.
class HDECOMP_API PatchFinder {
 public:
  /// Throws what Explainer's constructor throws, and UserError for options out of range, unknown
  /// layers, and for contributions layers that do not lie below one another.
  PatchFinder(Model model, const EngineOptions& engine, const PatchOptions& options);
  ~PatchFinder();
  PatchFinder(PatchFinder&&) noexcept;
  PatchFinder& operator=(PatchFinder&&) noexcept;

  const Model& model() const;
  int batch() const;
  /// But for the model file and the images.
  PatchPlan plan() const;
  /// Up to batch() images, whose numbers in the list are `numbers`.
  PatchNews look(std::span<const Image> images, std::span<const int32_t> numbers);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The best patches of a run, in memory, and each batch in a log beside the file that they will be
/// (FILE.partial), so that a killed run can go on.
class HDECOMP_API PatchStore {
 public:
  /// Begins, or with `resume` goes on where there is something to go on with: a log, or the file of
  /// a run that is whole (images that could not be read are tried again). Throws UserError that
  /// says what differs, or that the file is there, damaged or in use by another run.
  static PatchStore open(const std::string& path, const PatchPlan& plan, bool resume);
  ~PatchStore();
  PatchStore(PatchStore&&) noexcept;
  PatchStore& operator=(PatchStore&&) noexcept;

  const PatchPlan& plan() const;
  std::vector<ImageState> states() const;
  int64_t count(ImageState state) const;
  const BestPatches& best(size_t layer) const;
  /// Writes it to the log, then keeps what is among the best. Throws UserError (a full disk).
  void take(const PatchNews& news);
  /// Writes the file, whole or not at all (UserError), and removes the log.
  void finish();
  /// Removes the log of a run that measured nothing: there is nothing to go on with.
  void give_up();

 private:
  struct Impl;
  explicit PatchStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Looks at every image that `store` does not have yet, as run_dataset() does.
HDECOMP_API void run_patches(PatchFinder& finder, PatchStore* store, const Ranks& ranks,
                             const DatasetRun& run);

/// A patches file, read and checked. It never changes.
class HDECOMP_API PatchFile {
 public:
  /// `model_sha256`: file_sha256() of the model's file. Throws UserError, one line that names the
  /// file and what would be right: no patches file, another version, another model's, one without a
  /// stage of the model, damaged.
  static std::shared_ptr<const PatchFile> load(const std::string& path, const Model& model,
                                               const std::string& model_sha256);
  ~PatchFile();

  const PatchPlan& plan() const;
  PatchRanking by() const;
  /// How many images were measured.
  int64_t measured() const;
  /// What is known of an image.
  const PatchImage& image(int32_t image) const;
  /// Those of a channel, without the photograph whose pixel_number() is `pixels`; empty for a layer
  /// or channel that the file does not have.
  std::vector<Patch> of(const std::string& layer, int64_t channel, uint64_t pixels) const;

 private:
  struct Impl;
  explicit PatchFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};
/// Those that are shown beside channels.
using PatchFiles = std::vector<std::shared_ptr<const PatchFile>>;

/// Whether every photograph of a patches file has a label.
HDECOMP_API bool are_labelled(const PatchFile& patches);
/// Names for channels without segmentations: of each channel the class that most of its patches'
/// photographs have, by their labels where are_labelled(), else by the network's own decision; ties
/// to the lower class. The share is of all K patches that a channel may have, also where it has
/// fewer; with less than `least` it has no name. Throws UserError for `least` out of range, a label
/// that is no class of the network, and a file of a network without classes.
HDECOMP_API std::shared_ptr<const ChannelConcepts> names_by_patches(const PatchFile& patches,
                                                                    double least);
/// How many channels of each layer would have a name if the photographs' classes were in another
/// order: the mean over `orders` orders of chance, by the seed.
HDECOMP_API std::vector<double> names_by_chance(const PatchFile& patches, double least, int orders,
                                                uint64_t seed);
/// Writes the concepts file: whole or, on any failure (UserError), not at all.
HDECOMP_API void save_names(const std::string& path, const PatchFile& patches,
                            const ChannelConcepts& names);

}  // namespace hdecomp
